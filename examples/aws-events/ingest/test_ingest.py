"""What an object goes through. Run with: pytest examples/aws-events. The events are as AWS documents them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
https://docs.aws.amazon.com/batch/latest/userguide/batch_job_events.html
"""

import pytest

from choreography_insights.testing import event


def created(bucket):
    told = {"size": 5, "etag": "b1946ac92492d2347c6235b4d2611184", "sequencer": "617f08299329d189"}
    detail = {"version": "0", "bucket": {"name": bucket}, "object": told, "requester": "123456789012"}
    return event("Object Created", {**detail, "source-ip-address": "1.2.3.4", "reason": "PutObject"})


def job(status, **more):
    return event("Batch Job State Change", jobName="ingest", jobQueue="arn:aws:batch:…", status=status, **more)


CREATED = created("ingest-inbox-20261127")
PUBLISHED = event("Result Published", rows=12)


def test_an_object_is_ingested(choreography):
    journey = choreography("ingest").play(CREATED, job("SUCCEEDED"), PUBLISHED)
    assert journey.ended_in("Ingested")


@pytest.mark.parametrize("status", ["RUNNABLE", "STARTING", "RUNNING"])
def test_a_job_on_its_way_moves_nothing(choreography, status):
    journey = choreography("ingest").play(CREATED, job(status))
    assert journey.waits_in("WaitForJob")
    assert not journey.deviated()


def test_a_job_that_fails_says_why(choreography):
    journey = choreography("ingest").play(CREATED, job("FAILED", statusReason="Essential container in task exited"))
    assert journey.ended_in("JobFailed")


def test_the_result_may_be_told_before_the_job_is_said_to_be_done(choreography):
    journey = choreography("ingest").play(CREATED, PUBLISHED, event(job("SUCCEEDED").name, job("SUCCEEDED").detail))
    assert journey.ended_in("Ingested")


def test_objects_of_other_buckets_are_not_heard_of(choreography):
    assert choreography("ingest").play(created("outbox")).status == "NOT BEGUN"


def test_an_object_that_no_job_reads_is_told_after_a_day(choreography):
    assert choreography("ingest").play(CREATED, then_wait="25h").ended_in("NoJob")

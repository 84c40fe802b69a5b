"""Patches the events that S3 puts on the default bus.

moto 5.2.5 gives all of them one id, shows them to the rules of every bus, says of each new object that it got tags,
writes some fields in its own way, and does not tell, when asked, that a bucket has them:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

import uuid
from typing import Any

import moto.s3.notifications as moto_notifications
from moto.events.models import events_backends
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response

from choreography_insights.local.patches.event_delivery import deliver, now
from choreography_insights.local.patches.source_digests import patch

#: The call that an event is about, where there can be several.
_REASONS = {
    "s3:ObjectCreated:Put": "PutObject",
    "s3:ObjectCreated:Copy": "CopyObject",
    "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
    "s3:ObjectRemoved:Delete": "DeleteObject",
}

_END = "</NotificationConfiguration>"


def install() -> None:
    """Publish what happens to objects, of buckets that say so, as S3 does."""

    @patch(moto_notifications, "_send_event_bridge_message", source_digest="971cee49c687")
    def send_event_bridge_message(_: Any, account_id: str, bucket: Any, event_name: str, key: Any) -> None:
        if event_name == "s3:ObjectTagging:Put" and not _has_tags(bucket, key):
            return
        detail: dict[str, Any] = {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": _object(key),
            "request-id": uuid.uuid4().hex[:16].upper(),
            "requester": account_id,
            "source-ip-address": "127.0.0.1",
        }
        if reason := _REASONS.get(event_name):
            detail["reason"] = reason
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": moto_notifications._detail_type(event_name),  # noqa: SLF001 # no other function knows it
            "source": "aws.s3",
            "account": account_id,
            "time": now(),
            "region": bucket.region_name,
            "resources": [bucket.arn],
            "detail": detail,
        }
        deliver(events_backends[account_id][bucket.region_name], "default", event)

    @patch(S3Response, "get_bucket_notification", source_digest="82884034c165")
    def get_bucket_notification(original: Any, self: S3Response) -> Any:
        status, headers, body = original(self)
        found = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if found is None or found.event_bridge is None:
            return status, headers, body
        begun = f"{body.removesuffix('/>')}>" if body.endswith("/>") else body.removesuffix(_END)
        return status, headers, f"{begun}<EventBridgeConfiguration/>{_END}"


def _object(key: Any) -> dict[str, Any]:
    told = {"key": key.name, "size": key.size, "etag": key.etag.replace('"', ""), "sequencer": uuid.uuid4().hex[:16]}
    return {**told, "version-id": key.version_id} if key.version_id else told


def _has_tags(bucket: Any, key: Any) -> bool:
    return bool(s3_backends[bucket.account_id][bucket.partition].tagger.get_tag_dict_for_resource(key.arn))

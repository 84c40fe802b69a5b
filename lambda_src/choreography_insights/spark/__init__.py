"""`choreography replay` on many machines: a job on Apache Spark, for AWS Glue, EMR Serverless, or any cluster.

It is the same interpreter, and says the same to the letter. `python -m choreography_insights.spark` is its main file.
"""

"""Delivery streams of Data Firehose that collect records and write them to S3 as their role."""

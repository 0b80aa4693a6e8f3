"""Disaster recovery: recovery plans over AWS Elastic Disaster Recovery (DRS), run wave by wave."""

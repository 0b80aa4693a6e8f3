# Channels and expectations. Receivers of the tests listen on loopback, which is no public address.
module "notifications" {
  source = "../../../modules/file-transfer-notifications"

  name          = "file-transfer"
  file_transfer = module.file_transfer.system
  package       = var.package
  lambda        = { runtime = var.lambda_runtime, architecture = var.lambda_architecture }

  channel_access = { secret_arns = ["arn:aws:secretsmanager:us-east-1:000000000000:secret:file-transfer/channels/*"] }

  # Seconds where production has minutes.
  delivery = {
    max_attempts             = 4
    retry_base_seconds       = 1
    retry_max_seconds        = 2
    request_seconds          = 2
    function_timeout_seconds = 9
    allowed_networks         = ["127.0.0.1/32"]
  }
  schedules = { digests = "rate(1 hour)", expectations = "rate(1 hour)", grace_seconds = 1 } # tests tick by hand
}

output "notifications" {
  description = "Outputs of channels and expectations: functions, roles, schedules."
  value       = module.notifications
}

# Workflows are data: one item each. Those of the variable ship with the stack; others may be put into the table at any
# time. Keep an item in one place only, or Terraform will put its own text back at the next apply.
locals {
  workflow_items = {
    for id, workflow in var.workflows : id => merge(
      {
        PK              = { S = "WORKFLOW#${id}" }
        kind            = { S = "WORKFLOW" }
        workflowId      = { S = id }
        sourceType      = { S = workflow.sourceType }
        targetType      = { S = workflow.targetType }
        sourcePrefix    = { S = workflow.sourcePrefix }
        maxRetries      = { N = tostring(workflow.maxRetries) }
        enabled         = { BOOL = workflow.enabled }
        allowEmptyFiles = { BOOL = workflow.allowEmptyFiles }
        version         = { N = tostring(workflow.version) }
        targets = { M = {
          for target_id, target in workflow.targets : target_id => { M = merge(
            { type = { S = target.type }, uri = { S = target.uri }, overwrite = { S = target.overwrite } },
            target.pathPattern == null ? {} : { pathPattern = { S = target.pathPattern } },
          ) }
        } }
      },
      workflow.customerId == null ? {} : { customerId = { S = workflow.customerId } },
      workflow.validationRegex == null ? {} : { validationRegex = { S = workflow.validationRegex } },
      workflow.notify == null ? {} : { notify = { L = [for status in workflow.notify : { S = status }] } },
      workflow.sftpUserName == null ? {} : { sftpUserName = { S = workflow.sftpUserName } },
      # Nested as they are, Terraform could not type them for DynamoDB: the reader takes these as JSON text.
      { for section, text in workflow.sections : section => { S = text } },
      length(workflow.tags) == 0 ? {} : { tags = { M = { for key, value in workflow.tags : key => { S = value } } } },
    )
  }
}

resource "aws_dynamodb_table_item" "workflow" {
  for_each = local.workflow_items

  table_name = module.tables.names["WorkflowDefinition"]
  hash_key   = "PK"
  item       = jsonencode(each.value)
}

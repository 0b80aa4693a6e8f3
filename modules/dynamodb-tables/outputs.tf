output "names" {
  description = "Names of the tables, keyed like tables."
  value       = { for key, table in aws_dynamodb_table.this : key => table.name }
}

output "arns" {
  description = "ARNs of the tables, keyed like tables."
  value       = { for key, table in aws_dynamodb_table.this : key => table.arn }
}

output "stream_arns" {
  description = "ARNs of the streams, keyed like tables; tables without a stream are left out."
  value       = { for key, table in aws_dynamodb_table.this : key => table.stream_arn if var.tables[key].stream_view_type != null }
}

output "index_arns" {
  description = "ARNs of the global secondary indexes, by table and index name: what a role that queries them needs."
  value = {
    for key, table in aws_dynamodb_table.this : key => {
      for index_key in keys(var.tables[key].global_secondary_indexes) : index_key => "${table.arn}/index/${index_key}"
    }
  }
}

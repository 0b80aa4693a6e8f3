locals {
  # "" for the whole bucket, otherwise without the slash at the end.
  home_prefixes = { for key, user in var.users : key => trimsuffix(user.home.prefix, "/") }

  ssh_keys = merge([
    for user_key, user in var.users : {
      for key_name, body in user.ssh_public_keys : "${user_key}/${key_name}" => { user = user_key, body = body }
    }
  ]...)
}

resource "aws_transfer_user" "this" {
  for_each = var.users

  server_id = aws_transfer_server.this.id
  user_name = each.key
  role      = aws_iam_role.user[each.key].arn

  home_directory_type = "LOGICAL"

  home_directory_mappings {
    entry  = "/"
    target = "/${join("/", compact([each.value.home.bucket, local.home_prefixes[each.key]]))}"
  }

  tags = var.tags
}

resource "aws_transfer_ssh_key" "this" {
  for_each = local.ssh_keys

  server_id = aws_transfer_server.this.id
  user_name = aws_transfer_user.this[each.value.user].user_name
  body      = each.value.body
}

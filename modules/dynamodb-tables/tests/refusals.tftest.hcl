mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "refuses_a_name_dynamodb_refuses" {
  command = plan

  variables {
    tables = { "a b" = { hash_key = "PK", attributes = { PK = "S" } } }
  }

  expect_failures = [var.tables]
}

run "refuses_an_attribute_type_keys_cannot_have" {
  command = plan

  variables {
    tables = { Table = { hash_key = "PK", attributes = { PK = "BOOL" } } }
  }

  expect_failures = [var.tables]
}

run "refuses_a_key_whose_type_is_not_declared" {
  command = plan

  variables {
    tables = { Table = { hash_key = "PK", range_key = "SK", attributes = { PK = "S" } } }
  }

  expect_failures = [aws_dynamodb_table.this]
}

run "refuses_an_index_key_whose_type_is_not_declared" {
  command = plan

  variables {
    tables = { Table = { hash_key = "PK", attributes = { PK = "S" }, global_secondary_indexes = { ByC = { hash_key = "c" } } } }
  }

  expect_failures = [aws_dynamodb_table.this]
}

run "refuses_a_declared_attribute_no_key_uses" {
  command = plan

  variables {
    tables = { Table = { hash_key = "PK", attributes = { PK = "S", note = "S" } } }
  }

  expect_failures = [aws_dynamodb_table.this]
}

run "refuses_an_unknown_stream_view" {
  command = plan

  variables {
    tables = { Table = { hash_key = "PK", attributes = { PK = "S" }, stream_view_type = "ALL" } }
  }

  expect_failures = [var.tables]
}

run "refuses_an_unknown_projection" {
  command = plan

  variables {
    tables = { Table = { hash_key = "PK", attributes = { PK = "S", c = "S" }, global_secondary_indexes = { ByC = { hash_key = "c", projection_type = "SOME" } } } }
  }

  expect_failures = [var.tables]
}

run "refuses_included_attributes_without_include" {
  command = plan

  variables {
    tables = { Table = { hash_key = "PK", attributes = { PK = "S", c = "S" }, global_secondary_indexes = { ByC = { hash_key = "c", non_key_attributes = ["note"] } } } }
  }

  expect_failures = [var.tables]
}

run "refuses_a_twenty_first_attribute_in_an_index" {
  command = plan

  variables {
    tables = {
      t = {
        hash_key   = "id"
        attributes = { id = "S", a = "S" }
        global_secondary_indexes = {
          ByA = { hash_key = "a", projection_type = "INCLUDE", non_key_attributes = [for number in range(21) : "n${number}"] }
        }
      }
    }
  }

  expect_failures = [var.tables]
}

run "refuses_a_twenty_first_index" {
  command = plan

  variables {
    tables = {
      Table = {
        hash_key                 = "PK"
        attributes               = { PK = "S" }
        global_secondary_indexes = { for i in range(21) : "Index${i}" => { hash_key = "PK" } }
      }
    }
  }

  expect_failures = [var.tables]
}

"""Services that botocore's own models describe: requests are parsed and checked by the model, and so are answers."""

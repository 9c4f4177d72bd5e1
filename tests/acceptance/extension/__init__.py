"""One report and one format that the product does not have: what somebody would write who adds them."""

"""Who is asking and what he may see: tokens, principals, the bank scope and the audit trail; knows no HTTP."""

"""The product without its triggers: reports, documents, the job pipeline and their adapters."""

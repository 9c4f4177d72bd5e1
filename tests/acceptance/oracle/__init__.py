"""The reports calculated a second time: plain Python over lists, without a line of the product.

Deliberately naive and slow: what it says is what reports.md says, read by another reader. `records` loads the tables
and knows what was asked, `metrics` is reports.md §1 call by call, and each report has a module that gives its `Answer`.
"""

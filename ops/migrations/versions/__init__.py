"""The revisions, each frozen once it is released: what a later one needs is written there anew."""

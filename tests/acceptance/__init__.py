"""The product as its users meet it: real processes, real HTTP, real blobs, files opened again."""

"""Commands for those who run a deployment; shipped in the image, never imported by the app."""

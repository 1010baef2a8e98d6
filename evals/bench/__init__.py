"""Speed and memory; what is compared is measured by turns in one run, so noise hits all sides."""

"""One script per claim: ours and the peer on the same work, in one run. See RESULTS.md."""

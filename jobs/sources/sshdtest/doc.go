// Package sshdtest runs a real OpenSSH server on the loopback for tests, as the
// current user, with keys of its own, in a folder of its own. .ci/setup installs
// it.
package sshdtest

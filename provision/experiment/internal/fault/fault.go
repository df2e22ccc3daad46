// Package fault is the one shape of an error that gcexp shows: a stable code, what happened, what to try.
package fault

import (
	"errors"
	"os"
	"syscall"
)

// Fault is an error with a code of docs/wire.md.
type Fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
	cause   error
}

func (f *Fault) Error() string { return f.Message }

// Unwrap gives the cause, so that errors.Is sees through.
func (f *Fault) Unwrap() error { return f.cause }

// New makes a fault without a cause.
func New(code, message, hint string) *Fault {
	return &Fault{Code: code, Message: message, Hint: hint}
}

// Wrap makes a fault of an operating system's error. doing is what was being done. A full disk
// always becomes no-space, whatever was being done.
func Wrap(code, doing string, err error, hint string) *Fault {
	var known *Fault
	if errors.As(err, &known) {
		return known
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &Fault{Code: "no-space", Message: doing + ": " + err.Error(), Hint: "make room on the guest's disk, or choose another folder", cause: err}
	}
	return &Fault{Code: code, Message: doing + ": " + err.Error(), Hint: hint, cause: err}
}

// Of gives any error as a fault; one that has no code of its own is `failed`.
func Of(err error) *Fault {
	return Wrap("failed", "gcexp", err, "")
}

// Cgroup makes a fault of an error met in the cgroup tree: the errno tells a read-only tree and
// missing rights from a controller that is not there.
func Cgroup(doing string, err error) *Fault {
	switch {
	case errors.Is(err, syscall.EROFS):
		return Wrap("cgroup-read-only", doing, err, "the cgroup tree is mounted read-only, as in an unprivileged container: run on the host or a VM")
	case errors.Is(err, os.ErrPermission):
		return Wrap("no-privilege", doing, err, "run as root (sudo), or on cgroup v2 in a session with a systemd user manager")
	}
	return Wrap("cgroup-unavailable", doing, err, "gclab remote check tells what this kernel can enforce")
}

// ExitCode is the process exit code that goes with a fault.
func (f *Fault) ExitCode() int {
	switch f.Code {
	case "bad-config", "usage":
		return 2
	case "cgroup-unavailable", "cgroup-read-only", "no-privilege", "limit-too-small", "limit-above-ancestor", "limit-above-memory":
		return 3
	}
	return 1
}

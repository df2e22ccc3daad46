package main

import (
	"os"
	"os/exec"
	"strconv"

	"gclab/gcexp/internal/fault"
)

// A user who is not root may make cgroups only in one that is delegated to them. The user's systemd
// hands one out: a scope, in which a command goes on as the same process.

// scopedMark in the environment tells that this has been done already.
const scopedMark = "GCEXP_SCOPED"

var errNoDelegation = fault.New("no-privilege", "the systemd user manager gave no cgroup with a memory controller of its own",
	"run as root (sudo), or have the memory controller delegated to user managers (Delegate=memory for user@.service)")

// scopeArgv is this program with args, in a scope of its own.
func scopeArgv(args []string) ([]string, error) {
	systemdRun, err := exec.LookPath("systemd-run")
	if err != nil {
		return nil, fault.Wrap("no-privilege", "asking systemd for a cgroup of one's own", err, "run as root (sudo)")
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fault.Wrap("failed", "finding gcexp itself", err, "")
	}
	return append([]string{systemdRun, "--user", "--scope", "--quiet", "--collect", "-p", "Delegate=yes", "--", self}, args...), nil
}

// canScope says whether there is a systemd to ask.
func canScope() error {
	if _, err := exec.LookPath("systemd-run"); err != nil {
		return fault.New("no-privilege", "this user's cgroup is not delegated, and there is no systemd-run to ask for one that is", "run as root (sudo)")
	}
	if _, err := os.Stat(runtimeDir() + "/systemd/private"); err != nil {
		return fault.New("no-privilege", "this user's cgroup is not delegated, and no systemd user manager runs for the user", "log in with pam_systemd, or loginctl enable-linger, or run as root (sudo)")
	}
	return nil
}

func runtimeDir() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return dir
	}
	return "/run/user/" + strconv.Itoa(os.Getuid())
}

// scopeEnv lets systemd-run find the user's manager also where the login shell did not say.
func scopeEnv(env []string) []string {
	if os.Getenv("XDG_RUNTIME_DIR") != "" || os.Getuid() == 0 {
		return env
	}
	return append(env, "XDG_RUNTIME_DIR="+runtimeDir())
}

// endsWithSession says so when the scope ends with the user's last session: systemd then stops the user's
// manager, and everything in it, unless the user lingers. Only root may change that, so it is left alone.
func endsWithSession() string {
	if os.Getuid() == 0 {
		return ""
	}
	if _, err := os.Stat("/var/lib/systemd/linger/" + os.Getenv("USER")); err == nil {
		return ""
	}
	return "this user does not linger: when the user's last session ends, systemd ends this run with it (loginctl enable-linger, as root, keeps it)"
}

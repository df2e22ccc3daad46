package main

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/runfolder"
)

// lockFD is where the supervisor finds the lock that it inherits.
const lockFD = 3

// detach starts the supervisor in a session of its own, without a terminal, holding the lock.
func detach(folder runfolder.Folder, lock *os.File, scoped bool) error {
	executable, err := os.Executable()
	if err != nil {
		return fault.Wrap("failed", "finding gcexp itself", err, "")
	}
	argv := []string{executable, "supervise", "-run", string(folder)}
	if scoped {
		argv = append(scopeArgs(), argv...)
	}
	command := exec.Command(argv[0], argv[1:]...)
	command.Env = scopeEnv(os.Environ())
	command.Dir = "/"
	command.ExtraFiles = []*os.File{lock}
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return fault.Wrap("failed", "starting the supervisor", err, "")
	}
	// It is nobody's child for long: whoever follows may go at any time.
	return command.Process.Release()
}

// scopeArgs ask the user's systemd for a cgroup that is the user's own.
func scopeArgs() []string {
	return []string{"systemd-run", "--user", "--scope", "--quiet", "--collect", "-p", "Delegate=yes", "--"}
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

package main

import (
	"flag"
	"fmt"
	"io/ioutil"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gclab/gcexp/internal/config"
	"gclab/gcexp/internal/httpd"
	"gclab/gcexp/internal/interactive"
	"gclab/gcexp/internal/pagecache"
	"gclab/gcexp/internal/report"
	"gclab/gcexp/internal/workload"
)

// runChild is a trial's process: it is runtimeUp inside the cgroup and knows nothing but its limit. It is
// started by the supervisor, with the descriptors of package report.
func runChild(args []string) int {
	flags := flag.NewFlagSet("child", flag.ContinueOnError)
	mode := flags.String("mode", config.Self, "")
	limitBytes := flags.Int64("limit", 0, "")
	collect := flags.Bool("gc", false, "")
	heapHz := flags.Int("heap-hz", 0, "")
	if flags.Parse(args) != nil {
		return 2
	}
	tell := report.NewWriter()
	tell.Ready(runtime.Version(), os.Getenv("GOGC"), os.Getenv("GOMEMLIMIT"), os.Getenv("GODEBUG"), runtime.GOMAXPROCS(0))
	volunteer()
	if *heapHz > 0 {
		go workload.SampleHeap(time.Second/time.Duration(*heapHz), tell)
	}
	switch *mode {
	case probeMode:
		return 0
	case config.Interactive:
		return serve(*limitBytes, tell)
	case config.Scenario:
		return runScenario(*limitBytes, tell)
	}
	workload.Self(*limitBytes, *collect, tell)
	return 0
}

// probeMode starts and ends: what the Go runtime needs, and nothing else.
const probeMode = "probe"

// volunteer makes this process the one to die if the whole guest runs out of memory: better the trial
// than something of the owner's. It has no part in the cgroup's own OOM, with one process in it.
func volunteer() {
	_ = ioutil.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
}

func serve(limitBytes int64, tell *report.Writer) int {
	file := os.NewFile(report.ListenerFD, "listener")
	listener, err := net.FileListener(file)
	file.Close()
	if err != nil {
		fmt.Fprintln(os.Stderr, "gcexp: no listener was handed over:", err)
		return 1
	}
	tell.Listening(listener.Addr().String())
	cache := &pagecache.Cache{Folder: workFolder()}
	routes := interactive.NewRoutes(limitBytes, usage, cache.Fill, tell)
	if err := httpd.Serve(listener, routes.Answer, routes.Quit()); err != nil {
		fmt.Fprintln(os.Stderr, "gcexp: serving:", err)
		return 1
	}
	return 0
}

// usage is what the cgroup is charged with, read from the descriptor that the supervisor opened.
func usage() (int64, bool) {
	var text [32]byte
	n, err := syscall.Pread(report.UsageFD, text[:], 0)
	if err != nil {
		return 0, false
	}
	bytes, err := strconv.ParseInt(strings.TrimSpace(string(text[:n])), 10, 64)
	return bytes, err == nil
}

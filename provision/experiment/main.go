// Command gcexp shows how a Go program is OOM-killed because the collector runs too late for its cgroup's limit. By hand it runs
// the experiment and tells what happens; gclab uses its commands start, follow, stop, clean and version.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/supervise"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	if len(args) == 0 {
		return runByHand(args)
	}
	switch args[0] {
	case "start":
		return answer(start(args[1:]))
	case "follow":
		return answer(follow(args[1:]))
	case "stop":
		return answer(stop(args[1:]))
	case "clean":
		return answer(clean(args[1:]))
	case "version":
		return answer(version(args[1:]))
	case "bench":
		return answer(bench(args[1:]))
	case "bridge":
		return answer(bridge(args[1:]))
	case "supervise":
		return runSupervisor(args[1:])
	case "child":
		return runChild(args[1:])
	case "enter":
		fmt.Fprintln(os.Stderr, "gcexp: entering the cgroup:", supervise.Enter(args[1:]))
		return 1
	}
	return runByHand(args)
}

// answer tells gclab of an error in one line of JSON.
func answer(err error) int {
	if err == nil {
		return 0
	}
	why := fault.Of(err)
	line, _ := json.Marshal(why)
	fmt.Fprintln(os.Stderr, string(line))
	return why.ExitCode()
}

package main

import (
	"bufio"
	"flag"
	"os"

	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/stream"
)

// follow streams a run that was started before.
func follow(args []string) error {
	flags := flag.NewFlagSet("follow", flag.ContinueOnError)
	from := stream.Offsets{}
	flags.Int64Var(&from.Journal, "journal", 0, "")
	flags.Int64Var(&from.Log, "log", 0, "")
	flags.Int64Var(&from.Kernel, "kernel", 0, "")
	removes := flags.Bool("clean", false, "")
	folder, err := runFlag(flags, args)
	if err != nil {
		return err
	}
	if from.Journal < 0 || from.Log < 0 || from.Kernel < 0 {
		return wrongUsage("gcexp follow: an offset is negative")
	}
	frames, err := stream.NewFrames(os.Stdout)
	if err != nil {
		return err
	}
	if err := folder.Find(); err != nil {
		_ = frames.Error(fault.Of(err))
		return err
	}
	return followToEnd(frames, folder, from, obey(bufio.NewReader(os.Stdin), folder), *removes)
}

package main

import (
	"errors"
	"flag"
	"fmt"
	"io/ioutil"

	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/runfolder"
)

// parse reads flags; what is wrong with them is an error like any other, not text on stderr.
func parse(flags *flag.FlagSet, args []string) error {
	flags.SetOutput(ioutil.Discard)
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return wrongUsage("%v", err)
	}
	return noMore(flags.Args())
}

func noMore(args []string) error {
	if len(args) > 0 {
		return wrongUsage("unexpected argument %q", args[0])
	}
	return nil
}

func wrongUsage(format string, values ...interface{}) error {
	return fault.New("usage", fmt.Sprintf(format, values...), "gcexp -help shows the flags")
}

// runFlag reads `-run DIR` beside the other flags of a command.
func runFlag(flags *flag.FlagSet, args []string) (runfolder.Folder, error) {
	dir := flags.String("run", "", "")
	if err := parse(flags, args); err != nil {
		return "", err
	}
	if *dir == "" {
		return "", wrongUsage("gcexp %s: -run DIR is missing", flags.Name())
	}
	return runfolder.At(*dir)
}

package main

import "flag"

// stop asks the supervisor to end and waits until it has.
func stop(args []string) error {
	folder, err := runFlag(flag.NewFlagSet("stop", flag.ContinueOnError), args)
	if err != nil {
		return err
	}
	if err := folder.Find(); err != nil {
		return err
	}
	if err := folder.AskStop(); err != nil {
		return err
	}
	return folder.WaitGone()
}

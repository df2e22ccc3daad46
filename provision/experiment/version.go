package main

import (
	"encoding/json"
	"os"
	"runtime"

	"gclab/gcexp/internal/config"
)

// programVersion goes into the journal; a build may set it with -ldflags "-X main.programVersion=…".
var programVersion = "0.1.0"

func version(args []string) error {
	if err := noMore(args); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(struct {
		Program string `json:"program"`
		Version string `json:"version"`
		Schema  int    `json:"schema"`
		Go      string `json:"go"`
		Arch    string `json:"arch"`
	}{"gcexp", programVersion, config.Schema, runtime.Version(), runtime.GOARCH})
}

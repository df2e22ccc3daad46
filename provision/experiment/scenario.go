package main

import (
	"encoding/json"
	"fmt"
	"os"

	"gclab/gcexp/internal/config"
	"gclab/gcexp/internal/pagecache"
	"gclab/gcexp/internal/report"
	"gclab/gcexp/internal/scenario"
	"gclab/gcexp/internal/steps"
	"gclab/gcexp/internal/store"
)

// runScenario does the steps that the environment carries. Exit code 4 says that it could not do them
// all, which is no verdict.
func runScenario(limitBytes int64, tell *report.Writer) int {
	var list []steps.Step
	if err := json.Unmarshal([]byte(os.Getenv(config.StepsVariable)), &list); err != nil {
		fmt.Fprintln(os.Stderr, "gcexp: reading the scenario's steps:", err)
		return 1
	}
	room := func() (int64, bool) {
		used, known := usage()
		return limitBytes - used, known
	}
	cache := &pagecache.Cache{Folder: workFolder()}
	r := scenario.Runner{Store: store.New(room), Cache: cache.Fill, Usage: usage, Tell: tell}
	if err := r.Run(list); err != nil {
		fmt.Fprintln(os.Stderr, "gcexp: the scenario gave up:", err)
		return 4
	}
	return 0
}

// workFolder is where this process may write: the run's folder, or by hand where it was started.
func workFolder() string {
	if folder := os.Getenv(config.FolderVariable); folder != "" {
		return folder
	}
	return "."
}

package config

import (
	"encoding/json"
	"path/filepath"
	"sort"
	"strings"
)

// knobs are the variables that steer the Go runtime. A run of gclab's has exactly those that were
// asked for, whatever the login shell exports.
var knobs = []string{"GOGC", "GOMEMLIMIT", "GODEBUG", "GOMAXPROCS", "GOTRACEBACK"}

// WithoutKnobs is an environment without what steers the Go runtime.
func WithoutKnobs(base []string) []string {
	var kept []string
	for _, pair := range base {
		if !isKnob(pair) {
			kept = append(kept, pair)
		}
	}
	return kept
}

func isKnob(pair string) bool {
	for _, name := range knobs {
		if strings.HasPrefix(pair, name+"=") {
			return true
		}
	}
	return false
}

// What a trial's process learns from its environment besides the knobs: the steps of its scenario, and
// the run's folder.
const (
	StepsVariable  = "GCEXP_STEPS"
	FolderVariable = "GCEXP_FOLDER"
)

// ChildEnv is the environment of a trial's process: base, overlaid with what was asked for, with
// gctrace switched on behind whatever GODEBUG says already.
func (c Config) ChildEnv(base []string) []string {
	names, values := []string{}, map[string]string{}
	set := func(name, value string) {
		if _, known := values[name]; !known {
			names = append(names, name)
		}
		values[name] = value
	}
	for _, pair := range base {
		if at := strings.IndexByte(pair, '='); at > 0 {
			set(pair[:at], pair[at+1:])
		}
	}
	for _, name := range sorted(c.Env) {
		set(name, c.Env[name])
	}
	if c.GOGC != nil {
		set("GOGC", *c.GOGC)
	}
	if c.GOMEMLIMIT != nil {
		set("GOMEMLIMIT", *c.GOMEMLIMIT)
	}
	if c.Mode == Scenario {
		steps, _ := json.Marshal(c.Scenario.Steps)
		set(StepsVariable, string(steps))
	}
	if c.Dir != "" {
		set(FolderVariable, filepath.Join(c.Dir, "runs", c.Run))
	}
	set("GODEBUG", strings.TrimPrefix(values["GODEBUG"]+",gctrace=1", ","))
	env := make([]string, len(names))
	for i, name := range names {
		env[i] = name + "=" + values[name]
	}
	return env
}

func sorted(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

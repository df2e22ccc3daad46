// Package config is the one line of JSON that a run is asked for with.
package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/steps"
)

// Schema is the version of the configuration and of the journal.
const Schema = 1

// The modes of the experiment.
const (
	Self        = "self"
	Interactive = "interactive"
	Scenario    = "scenario"
)

// Config is one run's configuration, as docs/wire.md has it.
type Config struct {
	Schema     int               `json:"schema"`
	Run        string            `json:"run"`
	Dir        string            `json:"dir"`
	LimitBytes int64             `json:"limitBytes"`
	Trials     int               `json:"trials"`
	Mode       string            `json:"mode"`
	GC         bool              `json:"gc"`
	GOGC       *string           `json:"gogc"`
	GOMEMLIMIT *string           `json:"gomemlimit"`
	Env        map[string]string `json:"env"`
	SampleHz   int               `json:"sampleHz"`
	Port       int               `json:"port"`
	TimeoutMs  int64             `json:"timeoutMs"`
	Scenario   *steps.Program    `json:"scenario,omitempty"`
}

// Default is a configuration with everything but run and dir filled in.
func Default() Config {
	return Config{Schema: Schema, LimitBytes: 32 << 20, Trials: 1, Mode: Self, SampleHz: 1000, Port: 1112, TimeoutMs: 60000}
}

// Parse reads and checks a configuration. Keys it does not know are ignored, absent ones have the default.
func Parse(line []byte) (Config, error) {
	c := Default()
	if err := json.NewDecoder(bytes.NewReader(line)).Decode(&c); err != nil {
		return c, bad("it is not JSON of the expected shape: %v", err)
	}
	if err := c.checkPlace(); err != nil {
		return c, err
	}
	return c, c.Check()
}

// maxRunName leaves room for the prefix in a cgroup's name.
const maxRunName = 63

// isRunName tells a name that is safe as a folder's and a cgroup's. A regular expression would do, but
// every trial's process would compile it at its start, on the very heap that is watched.
func isRunName(name string) bool {
	if name == "" || len(name) > maxRunName || strings.ContainsRune("-_", rune(name[0])) {
		return false
	}
	return strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

func (c Config) checkPlace() error {
	switch {
	case c.Schema != Schema:
		return bad("schema is %d, this gcexp knows %d", c.Schema, Schema)
	case !isRunName(c.Run):
		return bad("run %q is no name of letters, digits, - and _ (at most 63)", c.Run)
	case !filepath.IsAbs(c.Dir) || filepath.Clean(c.Dir) != c.Dir || c.Dir == "/":
		return bad("dir %q is no clean absolute path", c.Dir)
	}
	return nil
}

// Bounds of what makes sense; beyond them a typing mistake is likelier than a wish.
const (
	maxTrials   = 100000
	maxSampleHz = 10000
	maxLimit    = int64(1) << 50
)

// Check says what is wrong with the settings of the experiment.
func (c Config) Check() error {
	switch {
	case c.LimitBytes < 1 || c.LimitBytes > maxLimit:
		return bad("limitBytes %d is not between 1 and %d", c.LimitBytes, maxLimit)
	case c.Trials < 1 || c.Trials > maxTrials:
		return bad("trials %d is not between 1 and %d", c.Trials, maxTrials)
	case c.Mode != Self && c.Mode != Interactive && c.Mode != Scenario:
		return bad("mode %q is neither self, interactive nor scenario", c.Mode)
	case c.Mode == Scenario && c.Scenario == nil:
		return bad("mode is scenario, and there is none")
	case c.SampleHz < 0 || c.SampleHz > maxSampleHz:
		return bad("sampleHz %d is not between 0 and %d", c.SampleHz, maxSampleHz)
	case c.Port < 0 || c.Port > 65535:
		return bad("port %d is not between 0 and 65535", c.Port)
	case c.TimeoutMs < 1:
		return bad("timeoutMs %d is below 1", c.TimeoutMs)
	}
	if c.Scenario != nil {
		if err := c.Scenario.Check(); err != nil {
			return bad("scenario: %v", err)
		}
	}
	return c.checkEnv()
}

func (c Config) checkEnv() error {
	for name, value := range c.Env {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			return bad("env name %q is empty or has = or a NUL in it", name)
		}
		if strings.Contains(value, "\x00") {
			return bad("env value of %q has a NUL in it, which no environment can carry", name)
		}
	}
	for name, value := range map[string]*string{"gogc": c.GOGC, "gomemlimit": c.GOMEMLIMIT} {
		if value != nil && strings.Contains(*value, "\x00") {
			return bad("%s has a NUL in it", name)
		}
	}
	return nil
}

func bad(format string, values ...interface{}) error {
	return fault.New("bad-config", "the configuration cannot be used: "+fmt.Sprintf(format, values...), "docs/wire.md has the configuration's keys")
}

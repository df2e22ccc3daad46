// Package contract reads the cases that this program and the controller are both held to. Only tests import it.
package contract

import (
	"encoding/json"
	"io/ioutil"
	"os"
	"path/filepath"
)

// Read decodes a file of the repository's test/fixtures/contract, wherever below the repository the test runs.
func Read(name string, into interface{}) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	for {
		text, err := ioutil.ReadFile(filepath.Join(dir, "test", "fixtures", "contract", name))
		if err == nil {
			return json.Unmarshal(text, into)
		}
		if above := filepath.Dir(dir); above != dir {
			dir = above
			continue
		}
		return err
	}
}

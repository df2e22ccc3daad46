package interactive

import (
	"encoding/json"
	"io/ioutil"
	"net/http"
	"reflect"
	"sort"
	"strings"
	"testing"

	"gclab/gcexp/internal/contract"
)

func TestTheRoutesAnswerAsTheContractSays(t *testing.T) {
	var table struct {
		LimitBytes int64
		KeyHeader  string
		Cases      []struct {
			Name, Method, Target, Key string
			Status                    int
			Answers                   []string
		}
	}
	if err := contract.Read("routes.json", &table); err != nil || len(table.Cases) < 20 {
		t.Fatal(len(table.Cases), err)
	}
	if table.LimitBytes != limit || !strings.EqualFold(table.KeyHeader, KeyHeader) {
		t.Fatal(table.LimitBytes, table.KeyHeader)
	}
	base, _ := serving(t, unknown)
	for _, c := range table.Cases {
		request, err := http.NewRequest(c.Method, base+c.Target, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", "application/json")
		if c.Key != "" {
			request.Header.Set(table.KeyHeader, c.Key)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(c.Name, err)
		}
		body, _ := ioutil.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != c.Status {
			t.Errorf("%s: %d %s", c.Name, response.StatusCode, body)
		}
		if keys := keysOf(t, body); c.Answers != nil && !reflect.DeepEqual(keys, sorted(c.Answers)) {
			t.Errorf("%s: answered %v", c.Name, keys)
		}
	}
}

func keysOf(t *testing.T, body []byte) (keys []string) {
	t.Helper()
	var value map[string]interface{}
	if err := json.Unmarshal(body, &value); err != nil {
		t.Errorf("%v: %s", err, body)
	}
	for key := range value {
		keys = append(keys, key)
	}
	return sorted(keys)
}

func sorted(words []string) []string {
	sort.Strings(words)
	return words
}

package interactive

import (
	"net/http"
	"strings"
	"testing"
)

func withKey(t *testing.T, url, key string) int {
	t.Helper()
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(KeyHeader, key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestARequestThatWasOvertakenIsRefusedHoweverLateItComes(t *testing.T) {
	base, _ := serving(t, unknown)
	for _, c := range []struct {
		route, key string
		status     int
	}{
		{"/add?bytes=1000", "a-1", 200}, {"/stats", "a-3", 200}, {"/add?bytes=1000", "a-2", 409}, {"/add?bytes=1000", "a-3", 409},
		{"/add?bytes=1000", "b-2", 200}, {"/add?bytes=1000", "a-4", 200}, {"/add?bytes=1000", "", 200},
	} {
		if status := withKey(t, base+c.route, c.key); status != c.status {
			t.Errorf("%s with the key %q: %d, want %d", c.route, c.key, status, c.status)
		}
	}
	if _, body := ask(t, "GET", base+"/stats", "application/json"); !strings.Contains(body, `"retainedBytes":4000`) {
		t.Error("what was refused was done:", body)
	}
}

func TestARequestThatIsWrongUsesUpNoKey(t *testing.T) {
	base, _ := serving(t, unknown)
	if status := withKey(t, base+"/add?bytes=x", "a-1"); status != 400 {
		t.Error(status)
	}
	if status := withKey(t, base+"/add?bytes=1", "a-1"); status != 200 {
		t.Error(status)
	}
}

func TestWhatIsNoKeyIsRefused(t *testing.T) {
	base, _ := serving(t, unknown)
	for _, key := range []string{"a", "-1", "a-", "a-x", "a--1", "a-1-2", "a-99999999999999999999", "a-9007199254740992", "a-+1", "a- 1", strings.Repeat("a", 33) + "-1"} {
		if status := withKey(t, base+"/gc", key); status != 400 {
			t.Errorf("%q: %d", key, status)
		}
	}
}

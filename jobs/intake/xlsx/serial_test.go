package xlsx

import "testing"

func TestIsNumber(t *testing.T) {
	for lit, want := range map[string]bool{
		"1": true, "-1.5": true, "-0.0": true, "+45047.0": true, "0045047": true, "1E99999999999": true, ".5": true, "5.": true, "1e5": true, "1.2E-10": true, "+3": true,
		"": false, ".": false, "-": false, "1e": false, "1e+": false, "1,000": false, "NaN": false, "INF": false,
		"0x10": false, "1 2": false, "１": false, "1.2.3": false,
	} {
		if got := isNumber([]byte(lit)); got != want {
			t.Errorf("isNumber(%q) = %t", lit, got)
		}
	}
}

func TestISODate(t *testing.T) {
	for in, want := range map[string]string{
		"2023-05-01": "2023-05-01", "2023-05-01T00:00:00": "2023-05-01", "2023-05-01T12:30:01.600": "2023-05-01 12:30:02",
		"2023-05-01T12:30:00Z": "2023-05-01 12:30:00", "2023-05-01T23:59:59.9": "2023-05-02", "12:30:00": "", "2023-02-29": "", "x": "",
	} {
		got, ok := isoDate(in)
		if got != want || ok != (want != "") {
			t.Errorf("isoDate(%q) = %q, %t, want %q", in, got, ok, want)
		}
	}
}

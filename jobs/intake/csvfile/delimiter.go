package csvfile

import (
	"bytes"
	"strings"
)

// delimiters in the order in which they win a draw.
const delimiters = ",\t;"

// sampleLines is how many records decide the delimiter.
const sampleLines = 50

// separatorLine reads the line "sep=;" with which some programs begin a file
// for Excel. It gives the delimiter and the length of the line.
func separatorLine(head []byte) (delimiter byte, length int) {
	if len(head) < 5 || !bytes.EqualFold(head[:4], []byte("sep=")) || strings.IndexByte(delimiters, head[4]) < 0 {
		return 0, 0
	}
	switch rest := head[5:]; {
	case len(rest) == 0:
		return head[4], 5
	case bytes.HasPrefix(rest, []byte("\r\n")):
		return head[4], 7
	case rest[0] == '\n', rest[0] == '\r':
		return head[4], 6
	}
	return 0, 0
}

// guessDelimiter decides from the first records. The delimiter is the character
// that stands the same number of times, outside of quotes, in the most records;
// of those the one that stands there more often.
func guessDelimiter(head []byte) byte {
	counts := countDelimiters(head)
	best, bestLines, bestTimes := delimiters[0], 0, 0
	for d := range len(delimiters) {
		lines := map[int]int{}
		for _, c := range counts {
			if c[d] > 0 {
				lines[c[d]]++
			}
		}
		most, times := 0, 0
		for n, l := range lines {
			if l > most || l == most && n > times {
				most, times = l, n
			}
		}
		if most > bestLines || most == bestLines && times > bestTimes {
			best, bestLines, bestTimes = delimiters[d], most, times
		}
	}
	return best
}

// countDelimiters counts the delimiters in each of the first records.
func countDelimiters(head []byte) [][len(delimiters)]int {
	var all [][len(delimiters)]int
	var cur [len(delimiters)]int
	quoted, start, content := false, true, false
	closed := -1 // where the last quoted part ended
	for i := 0; i < len(head) && len(all) < sampleLines; i++ {
		c := head[i]
		switch {
		case quoted:
			if c == '"' {
				quoted, closed = false, i
			}
			continue
		case c == '"' && start:
			quoted, start, content = true, false, true
			continue
		case c == '"' && i > 0 && closed == i-1:
			quoted = true // two quotes stand for one
			continue
		case c == '\n' || c == '\r':
			if content {
				all = append(all, cur)
			}
			cur = [len(delimiters)]int{}
			start, content = true, false
			continue
		}
		content = true
		d := strings.IndexByte(delimiters, c)
		start = d >= 0
		if d >= 0 && !(c == '\t' && (isMark(head, i-1) || isMark(head, i+1))) {
			cur[d]++
		}
	}
	if content && len(all) < sampleLines {
		all = append(all, cur)
	}
	return all
}

// isMark tells whether head[i] is a comma or semicolon. A tab beside one is no
// delimiter but keeps an ID a text.
func isMark(head []byte, i int) bool {
	return i >= 0 && i < len(head) && (head[i] == ',' || head[i] == ';')
}

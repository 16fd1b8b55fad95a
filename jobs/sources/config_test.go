package sources

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const fp = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func TestCheck(t *testing.T) {
	for text, want := range map[string]string{
		"{name: a, folder: {path: /mnt/x}}": "",
		"{name: 民政前置机, sftp: {host: h, user: u, path: /out, key: k, host_key: '" + fp + "'}}":             "",
		"{name: a, sftp: {host: h, port: 2222, user: u, path: ., password_env: P, known_hosts: kh}}":      "",
		"{name: a, sftp: {host: h, user: u, path: /, key: k}}":                                            "", // the first run shows the key
		"{name: a, https: {urls: ['https://h/x.csv', 'https://h/x.csv?y'], bearer_env: T, ca: ca.pem}}":   "",
		"{name: a, https: {urls: ['https://h/x'], user: u, password_env: P, header_env: {X-Api-Key: K}}}": "",

		"{folder: {path: x}}": "缺少 name",
		"{name: a}":           "恰好写 folder、sftp、https 之一，写了 0 个",
		"{name: a, folder: {path: x}, https: {urls: ['https://h/x']}}":                                 "写了 2 个",
		"{name: ../x, folder: {path: x}}":                                                              "不能作文件夹名",
		"{name: .x, folder: {path: x}}":                                                                "不能作文件夹名",
		"{name: a/b, folder: {path: x}}":                                                               "不能作文件夹名",
		"{name: nul, folder: {path: x}}":                                                               "不能作文件夹名",
		"{name: a.tmp, folder: {path: x}}":                                                             "不能作文件夹名",
		"{name: a, folder: {}}":                                                                        "缺少 path",
		"{name: a, sftp: {user: u, path: p, key: k}}":                                                  "缺少 host",
		"{name: a, sftp: {host: h, path: p, key: k}}":                                                  "缺少 user",
		"{name: a, sftp: {host: h, user: u, key: k}}":                                                  "缺少 path",
		"{name: a, sftp: {host: 'u@h', user: u, path: p, key: k}}":                                     "应只是主机名",
		"{name: a, sftp: {host: h, port: 70000, user: u, path: p, key: k}}":                            "port 70000",
		"{name: a, sftp: {host: h, user: u, path: p}}":                                                 "key",
		"{name: a, sftp: {host: h, user: u, path: p, key: k, password_env: P}}":                        "之一",
		"{name: a, sftp: {host: h, user: u, path: p, password_env: 'hunter2!'}}":                       "不是口令本身",
		"{name: a, sftp: {host: h, user: u, path: p, key: k, password: hunter2!}}":                     "不能把口令写在配置里（password）",
		"{name: a, sftp: {host: h, user: u, path: p, key: k, host_key: hunter2!}}":                     "看不懂",
		"{name: a, sftp: {host: h, user: u, path: p, key: k, host_key: 'SHA256:x'}}":                   "看不懂",
		"{name: a, sftp: {host: h, user: u, path: p, key: k, host_key: '" + fp + "', known_hosts: x}}": "只能写一个",
		"{name: a, https: {}}":                                                                         "缺少 urls",
		"{name: a, https: {urls: ['http://h/x']}}":                                                     "第 1 个地址应以 https:// 开头",
		"{name: a, https: {urls: ['https://h/x', 'ftp://h/x']}}":                                       "第 2 个地址应以 https:// 开头",
		"{name: a, https: {urls: ['https:///x']}}":                                                     "没有主机名",
		"{name: a, https: {urls: ['https://u:hunter2!@h/x']}}":                                         "写了用户或口令",
		"{name: a, https: {urls: ['https://h/%zz']}}":                                                  "写法有误",
		"{name: a, https: {urls: ['https://h/x?t=hunter2!', 'https://h/x?t=hunter2!']}}":               "写了两次",
		"{name: a, https: {urls: ['https://h/x'], user: u}}":                                           "同时写",
		"{name: a, https: {urls: ['https://h/x'], password_env: P}}":                                   "同时写",
		"{name: a, https: {urls: ['https://h/x'], user: u, password_env: P, bearer_env: T}}":           "只能写一个",
		"{name: a, https: {urls: ['https://h/x'], bearer_env: 'hunter2!'}}":                            "不是口令本身",
		"{name: a, https: {urls: ['https://h/x'], token: hunter2!}}":                                   "不能把口令写在配置里（token）",
		"{name: a, https: {urls: ['https://h/x'], header_env: {Host: H}}}":                             "不能设",
		"{name: a, https: {urls: ['https://h/x'], header_env: {'X Y': H}}}":                            "不能设",
		"{name: a, https: {urls: ['https://h/x'], header_env: {X: ''}}}":                               "没有写环境变量名",
		"{name: a, https: {urls: ['https://h/x'], header_env: {X: 'hunter2!'}}}":                       "不是口令本身",
	} {
		var c Config
		if err := yaml.UnmarshalWithOptions([]byte(text), &c, yaml.Strict()); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		err := c.Check()
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", text, err, want)
		case err != nil && strings.Contains(err.Error(), "hunter2!"):
			t.Errorf("the secret is told: %v", err)
		}
	}
	// No word turns checks off, nor is anything else passed over.
	for _, key := range []string{"insecure", "skip_verify", "insecure_skip_verify", "verify", "strict_host_key_checking"} {
		for _, text := range []string{"{name: a, sftp: {" + key + ": true}}", "{name: a, https: {" + key + ": true}}", "{name: a, " + key + ": true}", "{name: a, folder: {" + key + ": true}}"} {
			var c Config
			if err := yaml.UnmarshalWithOptions([]byte(text), &c, yaml.Strict()); err == nil {
				t.Errorf("%s is taken", text)
			}
		}
	}
}

func TestWhere(t *testing.T) {
	c := Config{HTTPS: &HTTPS{URLs: []string{"https://h:8443/a/%E6%B0%91.csv?token=hunter2"}}}
	if got := c.Where(); got != "https://h:8443/a/民.csv" {
		t.Errorf("%s", got)
	}
	c = Config{SFTP: &SFTP{Host: "::1", User: "u", Path: "/out"}}
	if got := c.Where(); got != "u@[::1]:22:/out" {
		t.Errorf("%s", got)
	}
}

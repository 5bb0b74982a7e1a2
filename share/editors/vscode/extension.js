// Starts the language server for YAML files that are scenarios: files that have a top-level key `scenario`.
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function isScenario(document) {
	return document.languageId === "yaml" && /^scenario:/m.test(document.getText());
}

function start(document) {
	if (client || !isScenario(document)) return;
	const command = vscode.workspace.getConfiguration("pktpath").get("program");
	client = new LanguageClient("pktpath", "pktpath", { command, args: ["lsp"] }, { documentSelector: [{ scheme: "file", language: "yaml" }] });
	client.start();
}

exports.activate = (context) => {
	vscode.workspace.textDocuments.forEach(start);
	context.subscriptions.push(vscode.workspace.onDidOpenTextDocument(start));
};

exports.deactivate = () => client && client.stop();

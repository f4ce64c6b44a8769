using System.Text.Json.Nodes;

namespace MnistLstm.Clients.Tests;

/// <summary>Clients generated from the committed OpenAPI document compile without warnings and read a digit.</summary>
public sealed class GeneratedClientTests(RunningService service) : IClassFixture<RunningService>
{
    private static readonly string Picture = Repository.PathOf("docs", "images", "five.png");

    private const string Models = "digits digits-float seed";

    [Fact]
    public async Task Redocly_reports_no_problem()
    {
        string report = await Tool.NodeAsync("redocly", "lint", Tool.Document, "--format", "json");

        report.ShouldContain("\"errors\": 0");
        report.ShouldContain("\"warnings\": 0");
    }

    [Fact]
    public async Task Spectral_reports_no_problem()
    {
        string report =
            await Tool.NodeAsync("spectral", "lint", "--fail-severity", "hint", "-r", ".spectral.yaml", Tool.Document);

        report.ShouldContain("No results with a severity of 'hint' or higher found!");
    }

    [Fact]
    public async Task Clients_of_NSwag_and_Kiota_read_a_digit_as_a_form_and_as_bytes()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mnist-lstm-clients-");
        try
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(Tool.Folder, "CSharp")))
            {
                File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
            }

            await GenerateAsync(folder.FullName);
            await Tool.RunAsync("dotnet", folder.FullName, "build", "Clients.csproj", "-v", "quiet");

            string output = await Tool.RunAsync(
                "dotnet", folder.FullName, "bin/Debug/net10.0/Clients.dll", $"{service.Address}/", Picture);

            // NSwag with System.Text.Json: a form, a batch of a picture and a text, the models. NSwag by default:
            // bytes, the models. Kiota: a form, bytes, a text, the models.
            Lines(output).ShouldBe(
            [
                "5", "5", "/problems/not-an-image", Models, "seed",
                "5", Models, "seed",
                "5", "5", "/problems/not-an-image", Models, "seed",
            ]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Clients_of_openapi_typescript_and_orval_read_a_digit()
    {
        string folder = Path.Combine(Tool.Folder, "generated");
        Directory.CreateDirectory(folder);
        await Tool.NodeAsync("openapi-typescript", Tool.Document, "-o", Path.Combine(folder, "api.ts"));
        await Tool.NodeAsync("orval", "--config", "TypeScript/orval.config.cjs");
        foreach (string file in new[] { "client.ts", "orval-client.ts" })
        {
            File.Copy(Path.Combine(Tool.Folder, "TypeScript", file), Path.Combine(folder, file), overwrite: true);
        }

        await Tool.NodeAsync("tsc", "--project", ".");

        string typescript = await Tool.RunAsync("node", Tool.Folder, "generated/client.js", service.Address, Picture);
        string orval = await Tool.RunAsync("node", Tool.Folder, "generated/orval-client.js", service.Address, Picture);

        // openapi-typescript: a form, bytes, an unknown model, the models.
        Lines(typescript).ShouldBe(["5", "5", "/problems/unknown-model", Models]);

        // orval: a form, bytes as PNG and without a type of picture, a batch of a picture and a text, bytes of a text,
        // the models.
        Lines(orval).ShouldBe(["5", "5", "5", "5", "/problems/not-an-image", "/problems/not-an-image", Models]);
    }

    [Fact]
    public async Task Answers_match_their_schemas()
    {
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Tool.Folder, "node_modules", "ajv")),
            "Ajv is not installed: ./test.sh installs it.");

        string output = await Tool.RunAsync(
            "node", Tool.Folder, "TypeScript/answers.mjs", service.Address, Picture, Tool.Document);

        output.ShouldMatch("^[0-9]+ answers match their schemas\\.\n$");
    }

    private static async Task GenerateAsync(string folder)
    {
        await Tool.RunAsync("dotnet", Tool.Folder, "tool", "restore");
        await GenerateByNSwagAsync(Tool.Document, $"{folder}/NSwag.cs", "NSwagClient", "SystemTextJson");

        // NSwag takes the first type of a body: the bytes of a picture where the form is not in the document.
        JsonNode document = JsonNode.Parse(await File.ReadAllTextAsync(Tool.Document))!;
        document["paths"]!["/predict"]!["post"]!["requestBody"]!["content"]!.AsObject().Remove("multipart/form-data");
        await File.WriteAllTextAsync($"{folder}/bytes.json", document.ToJsonString());
        await GenerateByNSwagAsync($"{folder}/bytes.json", $"{folder}/NSwagRaw.cs", "NSwagRaw", "NewtonsoftJson");
        string[] kiota =
            ["kiota", "generate", "-l", "CSharp", "-d", Tool.Document, "-c", "DigitsClient", "--log-level", "Error"];
        await Tool.RunAsync("dotnet", Tool.Folder, [.. kiota, "-n", "KiotaForm", "-o", $"{folder}/KiotaForm"]);

        // Without forms among the types that have a structure, the body is a stream.
        await Tool.RunAsync(
            "dotnet", Tool.Folder, [.. kiota, "-n", "KiotaRaw", "-o", $"{folder}/KiotaRaw", "-m", "application/json"]);
    }

    private static Task<string> GenerateByNSwagAsync(
        string document, string file, string name, string jsonLibrary) => Tool.RunAsync(
        "dotnet", Tool.Folder, "nswag", "openapi2csclient", $"/input:{document}", $"/output:{file}",
        $"/namespace:{name}", "/className:DigitsClient", $"/jsonLibrary:{jsonLibrary}",
        "/generateNullableReferenceTypes:true", "/generateOptionalParameters:true");

    private static string[] Lines(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

using System.Text.Json;
using MnistLstm.Api.OpenApi;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Tests.OpenInference;

namespace MnistLstm.Api.Tests;

public sealed class OpenApiTests(SharedService shared) : IClassFixture<SharedService>
{
    /// <summary>Set to 1 to write the snapshot after an intended change.</summary>
    private const string UpdateVariable = "UPDATE_SNAPSHOTS";

    private const string DocumentPath = $"/swagger/{ApiDescription.DocumentName}/swagger.json";

    private static readonly string Snapshot = Repository.PathOf("docs", "openapi.json");

    /// <summary>Statuses of every operation except health.</summary>
    private static readonly string[] Guarded = ["401", "429", "503"];

    /// <summary>Details of a model's card that its example leaves out.</summary>
    private static readonly string[] NotInExamples =
        [".card.hyperParameters.", ".card.modelSha256", ".card.quantization.", ".card.refused."];

    private static readonly string[] Methods = ["get", "post", "put", "delete", "head", "patch"];

    [Fact]
    public async Task The_document_equals_the_committed_one()
    {
        string document = await DocumentAsync();
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            await File.WriteAllTextAsync(Snapshot, document);
        }

        document.ShouldBe(
            await File.ReadAllTextAsync(Snapshot),
            $"The API description changed. If that is intended, run the test again with {UpdateVariable}=1 and commit "
            + $"docs/openapi.json.");
    }

    [Fact]
    public async Task Every_operation_has_a_summary_and_every_answer_a_body_and_a_name()
    {
        using JsonDocument document = JsonDocument.Parse(await DocumentAsync());

        JsonElement[] operations =
        [
            .. document.RootElement.GetProperty("paths").EnumerateObject()
                .SelectMany(path => path.Value.EnumerateObject())
                .Where(operation => Methods.Contains(operation.Name))
                .Select(operation => operation.Value)
        ];
        operations.ShouldNotBeEmpty();
        operations.ShouldAllBe(operation => operation.GetProperty("summary").GetString()!.Length > 0);
        operations.Select(operation => operation.GetProperty("operationId").GetString()).ShouldBeUnique();
        operations.SelectMany(operation => operation.GetProperty("responses").EnumerateObject())
            .Select(response => Resolve(document, response.Value).GetProperty("description").GetString())
            .ShouldAllBe(description => description!.Length > "Service Unavailable".Length || description == "OK");
        operations.SelectMany(operation =>
                operation.TryGetProperty("parameters", out JsonElement all) ? all.EnumerateArray().ToArray() : [])
            .ShouldAllBe(parameter => IsDescribed(parameter));
    }

    [Theory]
    [InlineData("/health/ready", "Health", false)]
    [InlineData("/v2/health/ready", "ServerReady", false)]
    [InlineData("/v2/models/{model}/ready", "ModelNotReady", true)]
    [InlineData("/v2/models/{model}/versions/{version}/ready", "ModelNotReady", true)]
    public async Task A_readiness_probe_describes_each_meaning_of_503(
        string path, string schema, bool canBeOverloaded)
    {
        using JsonDocument document = JsonDocument.Parse(await DocumentAsync());

        JsonElement answer = document.RootElement.GetProperty("paths").GetProperty(path).GetProperty("get")
            .GetProperty("responses").GetProperty("503");

        string description = answer.GetProperty("description").GetString()!;
        description.ShouldStartWith("Not ready: the service is stopping");
        description.Contains("`overloaded`").ShouldBe(canBeOverloaded);
        JsonElement content = answer.GetProperty("content").GetProperty("application/json");
        content.GetProperty("schema").GetProperty("$ref").GetString().ShouldEndWith($"/{schema}");
        if (canBeOverloaded)
        {
            content.GetProperty("examples").EnumerateObject().Select(example => example.Name)
                .ShouldBe(["overloaded", "not-ready"]);
        }
        else
        {
            content.TryGetProperty("example", out _).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Uploads_are_required_files_in_both_forms()
    {
        using JsonDocument document = JsonDocument.Parse(await DocumentAsync());

        JsonElement body = document.RootElement.GetProperty("paths").GetProperty("/predict").GetProperty("post")
            .GetProperty("requestBody");
        body.GetProperty("required").GetBoolean().ShouldBeTrue();
        JsonElement content = body.GetProperty("content");
        JsonElement form = content.GetProperty("multipart/form-data").GetProperty("schema");
        form.GetProperty("properties").GetProperty("file").GetProperty("format").GetString().ShouldBe("binary");
        form.GetProperty("required")[0].GetString().ShouldBe("file");
        content.GetProperty("image/png").GetProperty("schema").GetProperty("format").GetString().ShouldBe("binary");
    }

    [Fact]
    public async Task Every_problem_of_an_operation_has_an_example()
    {
        string folder = Directory.CreateTempSubdirectory("corrections").FullName;
        await using RunningService service = await RunningService.StartAsync("--corrections", folder);

        string document = await service.Client.GetStringAsync(DocumentPath);

        // Unknown addresses and methods belong to no operation.
        ProblemType.All.Where(type => !document.Contains($"\"{type.Slug}\": {{"))
            .ShouldBe([ProblemType.NotFound, ProblemType.MethodNotAllowed]);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_type_of_every_problem_is_an_address_that_explains_it()
    {
        foreach (ProblemType type in ProblemType.All)
        {
            string page = await shared.Client.GetStringAsync(type.Address);

            page.ShouldStartWith($"{type.Title}. {type.Advice}");
        }

        using HttpResponseMessage unknown = await shared.Client.GetAsync("/problems/nothing");
        ((int)unknown.StatusCode).ShouldBe(404);
    }

    [Fact]
    public async Task Every_answer_has_an_example_with_the_same_fields()
    {
        using JsonDocument document = JsonDocument.Parse(await DocumentAsync());
        string version = shared.Service.Models.Default.Card.Version;

        foreach (JsonProperty path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            JsonProperty operation = path.Value.EnumerateObject().Single();
            JsonElement example = operation.Value.GetProperty("responses").GetProperty("200").GetProperty("content")
                .GetProperty("application/json").GetProperty("example");
            string address = path.Name.Replace("{name}", "digits").Replace("{model}", "digits")
                .Replace("{version}", version);
            using var request = new HttpRequestMessage(new HttpMethod(operation.Name), address)
            {
                Content = operation.Name == "get" ? null : Body(path.Name),
            };
            using HttpResponseMessage answer = await shared.Client.SendAsync(request);
            HashSet<string> fields = Properties(await answer.ReadJsonAsync());
            Properties(example).ShouldBeSubsetOf(fields, address);
            fields.Where(field => !NotInExamples.Any(field.Contains)).ShouldBeSubsetOf(Properties(example), address);
        }

        static HttpContent Body(string path) => path switch
        {
            "/predict/batch" => Requests.Form("files", InferRequests.SamplePng, []),
            "/v2/repository/index" => InferRequests.Json("{}"),
            _ when path.EndsWith("/infer", StringComparison.Ordinal) => InferRequests.Json(
                InferRequests.SampleCall(",\"id\":\"42\"")),
            _ => Requests.Raw(InferRequests.SamplePng),
        };
    }

    [Fact]
    public async Task Every_operation_names_every_status_that_it_can_answer()
    {
        using JsonDocument document = JsonDocument.Parse(await DocumentAsync());

        foreach (JsonProperty path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            bool isOpen = path.Name.StartsWith("/health", StringComparison.Ordinal)
                || path.Name.StartsWith("/v2/health", StringComparison.Ordinal);
            string[] expected = ["400", "408", "414", "431", "500", "505", .. isOpen ? [] : Guarded];
            foreach (JsonProperty operation in path.Value.EnumerateObject())
            {
                string[] statuses =
                    [.. operation.Value.GetProperty("responses").EnumerateObject().Select(response => response.Name)];
                expected.Except(statuses).ShouldBeEmpty($"{operation.Name} {path.Name}");
            }
        }
    }

    [Fact]
    public async Task Predictions_come_first_and_keys_appear_only_if_set()
    {
        await using RunningService keyed = await RunningService.StartAsync("--api-keys", new string('a', 64));
        using JsonDocument open = JsonDocument.Parse(await DocumentAsync());
        using JsonDocument locked = JsonDocument.Parse(
            await keyed.Client.GetStringAsync(DocumentPath));

        open.RootElement.GetProperty("paths").EnumerateObject().First().Name.ShouldBe("/predict");
        open.RootElement.GetProperty("tags")[0].GetProperty("name").GetString().ShouldBe("Predictions");
        open.RootElement.GetProperty("components").TryGetProperty("securitySchemes", out _).ShouldBeFalse();
        locked.RootElement.GetProperty("components").GetProperty("securitySchemes").GetProperty("ApiKey")
            .GetProperty("name").GetString()
            .ShouldBe("X-API-Key");
        locked.RootElement.GetProperty("security").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Only_operations_that_may_answer_401_ask_for_a_key()
    {
        await using RunningService keyed = await RunningService.StartAsync("--api-keys", new string('a', 64));
        using JsonDocument document = JsonDocument.Parse(await keyed.Client.GetStringAsync(DocumentPath));

        foreach (JsonProperty path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            JsonElement operation = path.Value.EnumerateObject().Single().Value;
            bool needsKey = operation.GetProperty("responses").TryGetProperty("401", out _);
            bool isOpen = operation.TryGetProperty("security", out JsonElement own) && own.GetArrayLength() == 0;
            isOpen.ShouldBe(!needsKey, path.Name);
        }
    }

    [Fact]
    public async Task Swagger_UI_has_a_content_security_policy()
    {
        using HttpResponseMessage response = await shared.Client.GetAsync("/swagger/index.html");

        response.IsSuccessStatusCode.ShouldBeTrue();
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'");
    }

    private static bool IsDescribed(JsonElement parameter) =>
        parameter.GetProperty("description").GetString()!.Length > 0
        && (parameter.GetProperty("in").GetString() != "path" || parameter.TryGetProperty("example", out _));

    /// <summary>Follows the reference of a response.</summary>
    private static JsonElement Resolve(JsonDocument document, JsonElement response) =>
        response.TryGetProperty("$ref", out JsonElement reference)
            ? document.RootElement.GetProperty("components").GetProperty("responses")
                .GetProperty(reference.GetString()!.Split('/')[^1])
            : response;

    /// <summary>The paths of all properties, like <c>models[].name</c>.</summary>
    private static HashSet<string> Properties(JsonElement value, string path = "") => value.ValueKind switch
    {
        JsonValueKind.Object =>
            [.. value.EnumerateObject().SelectMany(property => Properties(property.Value, $"{path}.{property.Name}"))],
        JsonValueKind.Array => [.. value.EnumerateArray().SelectMany(entry => Properties(entry, $"{path}[]"))],
        _ => [path],
    };

    private Task<string> DocumentAsync() => shared.Client.GetStringAsync(DocumentPath);
}

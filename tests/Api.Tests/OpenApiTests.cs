using System.Text.Json;
using MnistLstm.Api.OpenApi;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Tests;

public sealed class OpenApiTests(SharedService shared) : IClassFixture<SharedService>
{
    /// <summary>Set to 1 to write the snapshot anew after a change that is meant.</summary>
    private const string UpdateVariable = "UPDATE_SNAPSHOTS";

    private static readonly string Snapshot = Repository.PathOf("docs", "openapi.json");

    private static readonly string[] Methods = ["get", "post", "put", "delete", "head", "patch"];

    [Fact]
    public async Task The_document_is_the_committed_one()
    {
        string document = await DocumentAsync();
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            await File.WriteAllTextAsync(Snapshot, document);
        }

        document.ShouldBe(
            await File.ReadAllTextAsync(Snapshot),
            $"The API description changed. If it is meant, run the test again with {UpdateVariable}=1 and commit docs/openapi.json.");
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
            .ShouldAllBe(response => response.Value.GetProperty("description").GetString()!.Length > 0);
    }

    [Fact]
    public async Task Uploads_are_required_files_in_both_forms()
    {
        using JsonDocument document = JsonDocument.Parse(await DocumentAsync());

        JsonElement body = document.RootElement.GetProperty("paths").GetProperty("/predict").GetProperty("post").GetProperty("requestBody");
        body.GetProperty("required").GetBoolean().ShouldBeTrue();
        JsonElement content = body.GetProperty("content");
        JsonElement form = content.GetProperty("multipart/form-data").GetProperty("schema");
        form.GetProperty("properties").GetProperty("file").GetProperty("format").GetString().ShouldBe("binary");
        form.GetProperty("required")[0].GetString().ShouldBe("file");
        content.GetProperty("image/png").GetProperty("schema").GetProperty("format").GetString().ShouldBe("binary");
    }

    [Fact]
    public async Task Every_problem_of_a_prediction_has_an_example()
    {
        string document = await DocumentAsync();

        ProblemType[] neverDescribed =
        [
            ProblemType.BadInference, ProblemType.ApiKeyNeeded, ProblemType.NotFound, ProblemType.MethodNotAllowed, ProblemType.RateLimited, ProblemType.HeadersTooLarge,
            ProblemType.InternalError, ProblemType.Overloaded,
        ];
        ProblemType.All.Except(neverDescribed).ShouldAllBe(type => document.Contains($"\"{type.Word}\": {{"));
    }

    [Fact]
    public async Task The_page_to_try_it_out_is_served_with_a_content_policy()
    {
        using HttpResponseMessage response = await shared.Client.GetAsync("/swagger/index.html");

        response.IsSuccessStatusCode.ShouldBeTrue();
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'");
    }

    private Task<string> DocumentAsync() => shared.Client.GetStringAsync($"/swagger/{ApiDescription.DocumentName}/swagger.json");
}

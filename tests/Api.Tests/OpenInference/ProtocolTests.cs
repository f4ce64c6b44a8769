using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenApi;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>Tests the metadata of the service and its models over the Open Inference Protocol.</summary>
public sealed class ProtocolTests(SharedService shared) : IClassFixture<SharedService>
{
    [Theory]
    [InlineData("/v2")]
    [InlineData("/v2/")]
    public async Task The_server_metadata_has_the_name_version_and_extensions(string path)
    {
        JsonElement answer = await GetAsync(path);

        answer.GetProperty("name").GetString().ShouldBe("mnist-lstm");
        answer.GetProperty("version").GetString()!.ShouldMatch(@"^\d+\.\d+\.\d+$");
        answer.GetProperty("extensions").EnumerateArray().Select(extension => extension.GetString())
            .ShouldBe(["binary_tensor_data", "classification", "model_configuration", "statistics"]);
    }

    [Fact]
    public async Task A_running_service_is_live_and_ready_and_says_so_in_JSON()
    {
        JsonElement live = await GetAsync("/v2/health/live");
        JsonElement ready = await GetAsync("/v2/health/ready");

        live.GetRawText().ShouldBe("""{"live":true}""");
        ready.GetRawText().ShouldBe("""{"ready":true}""");
    }

    [Fact]
    public async Task A_stopping_service_is_live_but_neither_it_nor_its_models_are_ready()
    {
        WebApplication app = Program.Build(["--urls", "http://127.0.0.1:0"]);
        await using (app)
        {
            await app.StartAsync();
            using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
            app.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

            using HttpResponseMessage live = await client.GetAsync("/v2/health/live");
            using HttpResponseMessage ready = await client.GetAsync("/v2/health/ready");
            using HttpResponseMessage model = await client.GetAsync("/v2/models/digits/ready");

            live.StatusCode.ShouldBe(HttpStatusCode.OK);
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await ready.Content.ReadAsStringAsync()).ShouldBe("""{"ready":false}""");
            model.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await model.Content.ReadAsStringAsync()).ShouldBe("""{"name":"digits","ready":false}""");
        }
    }

    [Theory]
    [InlineData("digits")]
    [InlineData("seed")]
    public async Task A_model_s_metadata_has_its_tensors_and_the_version_of_its_card(string name)
    {
        string version = await VersionAsync(name);

        JsonElement answer = await GetAsync($"/v2/models/{name}");
        JsonElement ofVersion = await GetAsync($"/v2/models/{name}/versions/{version}");

        answer.GetProperty("name").GetString().ShouldBe(name);
        answer.GetProperty("versions").GetRawText().ShouldBe($"""["{version}"]""");
        answer.GetProperty("platform").GetString().ShouldBe("onnx_onnxv1");
        answer.GetProperty("inputs").GetRawText()
            .ShouldBe("""[{"name":"rows","datatype":"FP32","shape":[-1,28,28]}]""");
        answer.GetProperty("outputs").GetRawText().ShouldBe(
            """[{"name":"probabilities","datatype":"FP32","shape":[-1,10]},"""
            + """{"name":"logits","datatype":"FP32","shape":[-1,10]}]""");
        answer.GetProperty("properties").EnumerateObject()
            .ShouldAllBe(property => property.Value.ValueKind == JsonValueKind.String);
        ofVersion.GetRawText().ShouldBe(answer.GetRawText());
    }

    [Theory]
    [InlineData("digits")]
    [InlineData("seed")]
    public async Task A_model_is_ready_by_its_name_and_by_its_version(string name)
    {
        JsonElement answer = await GetAsync($"/v2/models/{name}/ready");
        JsonElement ofVersion = await GetAsync($"/v2/models/{name}/versions/{await VersionAsync(name)}/ready");

        answer.GetRawText().ShouldBe($$"""{"name":"{{name}}","ready":true}""");
        ofVersion.GetRawText().ShouldBe(answer.GetRawText());
    }

    [Fact]
    public async Task A_model_s_configuration_describes_how_it_runs()
    {
        JsonElement answer = await GetAsync("/v2/models/digits/config");
        JsonElement ofVersion = await GetAsync($"/v2/models/digits/versions/{await VersionAsync("digits")}/config");

        answer.GetProperty("name").GetString().ShouldBe("digits");
        answer.GetProperty("max_batch_size").GetInt32().ShouldBe(1024);
        answer.GetProperty("input").GetRawText()
            .ShouldBe("""[{"name":"rows","data_type":"TYPE_FP32","dims":[28,28]}]""");
        answer.GetProperty("output")[0].GetRawText()
            .ShouldBe("""{"name":"probabilities","data_type":"TYPE_FP32","dims":[10]}""");
        ofVersion.GetRawText().ShouldBe(answer.GetRawText());
    }

    [Fact]
    public async Task The_repository_lists_the_models_that_answer()
    {
        using HttpResponseMessage response =
            await shared.Client.PostAsync("/v2/repository/index", InferRequests.Json("{}"));

        JsonElement[] models = [.. (await response.ReadJsonAsync()).EnumerateArray()];
        models.Select(model => model.GetProperty("name").GetString()).ShouldBe(["digits", "digits-float", "seed"]);
        models.ShouldAllBe(model => model.GetProperty("state").GetString() == "READY");
        models[0].GetProperty("version").GetString().ShouldBe(await VersionAsync("digits"));
    }

    [Theory]
    [InlineData("GET", "/v2/models/nobody", 404, "There is no model 'nobody'")]
    [InlineData("GET", "/v2/models/Digits", 404, "There is no model 'Digits'")]
    [InlineData("GET", "/v2/models/nobody/ready", 404, "There is no model 'nobody'")]
    [InlineData("GET", "/v2/models/nobody/config", 404, "There is no model 'nobody'")]
    [InlineData("GET", "/v2/models/nobody/stats", 404, "There is no model 'nobody'")]
    [InlineData("POST", "/v2/models/nobody/infer", 404, "There is no model 'nobody'")]
    [InlineData("GET", "/v2/models/digits/versions/1", 404, "has no version '1'")]
    [InlineData("GET", "/v2/models/digits/versions/1/ready", 404, "has no version '1'")]
    [InlineData("GET", "/v2/models/digits/versions/1/config", 404, "has no version '1'")]
    [InlineData("GET", "/v2/models/digits/versions/1/stats", 404, "has no version '1'")]
    [InlineData("POST", "/v2/models/digits/versions/1/infer", 404, "has no version '1'")]
    [InlineData("GET", "/v2/models/..%2Fseed", 404, "There is no model")]
    [InlineData("GET", "/v2/nowhere", 404, "There is nothing at /v2/nowhere")]
    [InlineData("GET", "/v2/models/digits/infer", 405, "takes POST, not GET")]
    [InlineData("DELETE", "/v2/models/digits/infer", 405, "takes POST, not DELETE")]
    [InlineData("POST", "/v2", 405, "takes GET, HEAD, not POST")]
    public async Task A_wrong_address_or_method_gets_an_error_in_the_protocol_s_form(
        string method, string path, int status, string words)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await shared.Client.SendAsync(request);

        (await response.ShouldBeErrorAsync(status)).ShouldContain(words);
        if (status == 405)
        {
            response.Content.Headers.Allow.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public async Task The_service_answers_the_example_of_the_description()
    {
        using JsonDocument document = JsonDocument.Parse(
            await shared.Client.GetStringAsync($"/swagger/{ApiDescription.DocumentName}/swagger.json"));
        JsonElement infer = document.RootElement.GetProperty("paths").GetProperty("/v2/models/{model}/infer")
            .GetProperty("post");
        JsonElement example = infer.GetProperty("requestBody").GetProperty("content").GetProperty("application/json")
            .GetProperty("example");
        JsonElement described = infer.GetProperty("responses").GetProperty("200").GetProperty("content")
            .GetProperty("application/json").GetProperty("example");

        JsonElement answer = await shared.Client.InferAsync(InferRequests.Json(example.GetRawText()));

        Array.IndexOf(answer.Values("probabilities"), answer.Values("probabilities").Max())
            .ShouldBe(GoldenSample.Digit);
        answer.EnumerateObject().Select(property => property.Name)
            .ShouldBe(described.EnumerateObject().Select(property => property.Name));
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using HttpResponseMessage response = await shared.Client.GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        return await response.ReadJsonAsync();
    }

    private static async Task<string> VersionAsync(string model) =>
        ModelCard.FromJson(await File.ReadAllTextAsync(Repository.PathOf("models", $"{model}.card.json"))).Version;
}

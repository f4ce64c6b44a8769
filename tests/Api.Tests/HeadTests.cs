using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MnistLstm.Api.Tests;

public sealed class HeadTests(SharedService shared) : IClassFixture<SharedService>
{
    private static readonly string[] Files =
        ["/", "/page.css", "/icon.svg", "/swagger/index.html", "/swagger/v1/swagger.json", "/metrics"];

    [Fact]
    public async Task Every_GET_endpoint_and_every_file_answers_HEAD_with_the_same_head_and_no_body()
    {
        string version = shared.Service.Models.Default.Card.Version;
        string[] endpoints =
        [
            .. shared.Service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Where(endpoint =>
                    endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") == true)
                .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
                    .Replace("{model}", "digits").Replace("{name}", "digits").Replace("{version}", version)
                    .Replace("{slug}", "no-ink"))
        ];
        endpoints.ShouldContain("/health/ready");
        endpoints.ShouldContain($"/v2/models/digits/versions/{version}/stats");
        endpoints.ShouldAllBe(path => !path.Contains('{'));

        foreach (string path in endpoints.Concat(Files))
        {
            using HttpResponseMessage get = await SendAsync(HttpMethod.Get, path);
            using HttpResponseMessage head = await SendAsync(HttpMethod.Head, path);

            get.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            head.StatusCode.ShouldBe(get.StatusCode, path);
            head.Content.Headers.ContentType.ShouldBe(get.Content.Headers.ContentType, path);
            (await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty(path);
        }
    }

    [Theory]
    [InlineData("HEAD", "/predict", "POST", "/predict takes POST, not HEAD.")]
    [InlineData("DELETE", "/models", "GET, HEAD", "/models takes GET, HEAD, not DELETE.")]
    public async Task An_unsupported_method_is_rejected_with_the_supported_ones(
        string method, string path, string allowed, string sentence)
    {
        using HttpResponseMessage response = await SendAsync(new HttpMethod(method), path);

        response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        string.Join(", ", response.Content.Headers.Allow).ShouldBe(allowed);
        if (method != "HEAD")
        {
            (await response.ReadJsonAsync()).GetProperty("detail").GetString()!.ShouldStartWith(sentence);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        return await shared.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}

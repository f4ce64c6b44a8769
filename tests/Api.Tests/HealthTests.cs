using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MnistLstm.Api.Health;

namespace MnistLstm.Api.Tests;

public sealed class HealthTests(SharedService shared) : IClassFixture<SharedService>
{
    [Fact]
    public async Task A_running_service_is_live_and_ready()
    {
        using HttpResponseMessage live = await shared.Client.GetAsync(HealthApi.LivePath);
        using HttpResponseMessage ready = await shared.Client.GetAsync(HealthApi.ReadyPath);

        (await live.ReadJsonAsync()).GetProperty("status").GetString().ShouldBe("live");
        JsonElement health = await ready.ReadJsonAsync();
        health.GetProperty("status").GetString().ShouldBe("ready");
        health.GetProperty("models").EnumerateArray().Select(model => model.GetString())
            .ShouldBe(["digits", "digits-float", "seed"]);
    }

    [Fact]
    public async Task A_stopping_service_is_live_but_not_ready()
    {
        WebApplication app = Program.Build(["--urls", "http://127.0.0.1:0"]);
        await using (app)
        {
            await app.StartAsync();
            using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
            app.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

            using HttpResponseMessage live = await client.GetAsync(HealthApi.LivePath);
            using HttpResponseMessage ready = await client.GetAsync(HealthApi.ReadyPath);

            live.StatusCode.ShouldBe(HttpStatusCode.OK);
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await ready.ReadJsonAsync()).GetProperty("status").GetString().ShouldBe("draining");
        }
    }

    [Fact]
    public async Task Load_balancers_may_probe_with_HEAD()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, HealthApi.ReadyPath);

        using HttpResponseMessage response = await shared.Client.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}

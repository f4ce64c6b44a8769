using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MnistLstm.Api.Health;
using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests;

/// <summary>What a machine does to a program that runs on it.</summary>
public sealed class FaultTests : IDisposable
{
    private const int Terminated = 143;

    private static readonly byte[] Sample = GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Api.dll");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_full_disk_under_the_log_stops_nothing()
    {
        int port = FreePort();
        using Process shell = Process.Start("sh", ["-c", $"exec dotnet '{Program}' --urls http://127.0.0.1:{port} > /dev/full 2>&1"]);
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await ServiceProcess.EventuallyAsync(() => Answers(client));

            await client.PredictAsync(Requests.Raw(Sample));
            await client.PredictAsync(Requests.Raw(Sample));

            shell.HasExited.ShouldBeFalse();
        }
        finally
        {
            shell.Kill();
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Models_that_are_cut_off_or_deleted_serve_on()
    {
        string digits = Path.Combine(_folder.FullName, "digits.onnx");
        string seed = Path.Combine(_folder.FullName, "seed.onnx");
        File.Copy(Repository.PathOf("models", "digits.onnx"), digits);
        File.Copy(Repository.PathOf("models", "seed.onnx"), seed);
        await using ServiceProcess service = await ServiceProcess.StartAsync("--model-folder", _folder.FullName);
        string before = await AnswerAsync(service, "digits") + await AnswerAsync(service, "seed");

        using (FileStream file = File.OpenWrite(digits))
        {
            file.SetLength(1000);
        }

        File.Delete(seed);
        for (int i = 0; i < 20; i++)
        {
            string after = await AnswerAsync(service, "digits") + await AnswerAsync(service, "seed");
            after.ShouldBe(before);
            await Task.Delay(TimeSpan.FromMilliseconds(250), TestContext.Current.CancellationToken);
        }

        using HttpResponseMessage ready = await service.Client.GetAsync(HealthApi.ReadyPath, TestContext.Current.CancellationToken);
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(400)]
    [InlineData(800)]
    public async Task SIGTERM_while_it_starts_ends_it_without_a_word_of_a_defect(int milliseconds)
    {
        var start = new ProcessStartInfo("dotnet", [Program, "--urls", "http://127.0.0.1:0", "--shutdown-grace", "0s"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await Task.Delay(milliseconds, TestContext.Current.CancellationToken);

        using Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        using var patience = new CancellationTokenSource(ServiceProcess.Patience);
        await process.WaitForExitAsync(patience.Token);

        // Before .NET listens for the signal it ends the process itself, as it does any program.
        process.ExitCode.ShouldBeOneOf(ExitCodes.Success, Terminated);
        (await error).ShouldBeEmpty();
        (await output).ShouldNotContain("fail:");
    }

    private static async Task<string> AnswerAsync(ServiceProcess service, string model)
    {
        using HttpResponseMessage response = await service.Client.PostAsync($"/predict?model={model}", Requests.Raw(Sample), TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static bool Answers(HttpClient client)
    {
        try
        {
            using HttpResponseMessage response = client.Send(new HttpRequestMessage(HttpMethod.Get, HealthApi.ReadyPath));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

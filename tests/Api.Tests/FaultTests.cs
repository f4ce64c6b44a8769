using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MnistLstm.Api.Health;
using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests;

/// <summary>Faults of the machine: a full disk, changed files, signals.</summary>
public sealed class FaultTests : IDisposable
{
    private const int Terminated = 143;

    private static readonly byte[] Sample =
        GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Api.dll");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_full_disk_under_the_log_stops_nothing()
    {
        int port = FreePort();
        using Process shell =
            Process.Start("sh", ["-c", $"exec dotnet '{Program}' --urls http://127.0.0.1:{port} > /dev/full 2>&1"]);
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
    public async Task Models_keep_serving_after_their_files_are_truncated_or_deleted()
    {
        string digits = Path.Combine(_folder.FullName, "digits.onnx");
        string seed = Path.Combine(_folder.FullName, "seed.onnx");
        File.Copy(Repository.PathOf("models", "digits.onnx"), digits);
        File.Copy(Repository.PathOf("models", "seed.onnx"), seed);
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            "--model-folder", _folder.FullName, "--reload-interval", "10ms");
        string before = await AnswerAsync(service, "digits") + await AnswerAsync(service, "seed");

        using (FileStream file = File.OpenWrite(digits))
        {
            file.SetLength(1000);
        }

        File.Delete(seed);
        await service.SaysAsync("digits.onnx is rejected");
        await service.SaysAsync("seed.onnx was deleted");

        string after = await AnswerAsync(service, "digits") + await AnswerAsync(service, "seed");
        after.ShouldBe(before);
        using HttpResponseMessage ready =
            await service.Client.GetAsync(HealthApi.ReadyPath, TestContext.Current.CancellationToken);
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>Before .NET handles the signal, the operating system ends the process.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    [InlineData(600)]
    public async Task SIGTERM_at_any_moment_of_the_start_ends_it_without_a_word_of_a_defect(int milliseconds)
    {
        using Process service = StartService("--urls", "http://127.0.0.1:0");
        await Task.Delay(milliseconds, TestContext.Current.CancellationToken);

        int exitCode = await TerminateAsync(service, () => { });

        exitCode.ShouldBeOneOf(ExitCodes.Success, Terminated);
    }

    /// <summary>The signal arrives while the web server waits for its certificate's key from a pipe.</summary>
    [Fact]
    public async Task SIGTERM_while_the_web_server_starts_is_an_ordinary_end()
    {
        string certificate = Path.Combine(_folder.FullName, "tls.crt");
        string key = Path.Combine(_folder.FullName, "tls.key");
        string pipe = Path.Combine(_folder.FullName, "pipe");
        await TestCertificate.WriteAsync(certificate, key);
        using (Process make = Process.Start("mkfifo", [pipe]))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var script = new ProcessStartInfo("sh", ["-c", $"""
            exec 3> '{pipe}'; echo the service reads; read go
            cat '{key}' >&3
            """])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process writer = Process.Start(script)!;
        using Process service = StartService(
            "--Kestrel:Endpoints:Https:Url", "https://127.0.0.1:0",
            "--Kestrel:Endpoints:Https:Certificate:Path", certificate,
            "--Kestrel:Endpoints:Https:Certificate:KeyPath", pipe);
        try
        {
            using var patience = new CancellationTokenSource(ServiceProcess.Patience);
            (await writer.StandardOutput.ReadLineAsync(patience.Token)).ShouldBe("the service reads");

            int exitCode = await TerminateAsync(service, () => writer.StandardInput.WriteLine("go"));

            exitCode.ShouldBe(ExitCodes.Success);
        }
        finally
        {
            service.Kill();
            writer.Kill();
            await writer.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    private static Process StartService(params string[] args) =>
        Process.Start(new ProcessStartInfo("dotnet", [Program, "--shutdown-grace", "0s", .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;

    /// <param name="service">The process to terminate.</param>
    /// <param name="after">Runs after the signal is sent.</param>
    private static async Task<int> TerminateAsync(Process service, Action after)
    {
        Task<string> output = service.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = service.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var patience = new CancellationTokenSource(ServiceProcess.Patience);
        Posix.Signal(service.Id, Posix.Terminate);
        after();
        try
        {
            await service.WaitForExitAsync(patience.Token);
        }
        finally
        {
            service.Kill();
        }

        (await error).ShouldBeEmpty();
        (await output).ShouldNotContain("fail:");
        return service.ExitCode;
    }

    private static async Task<string> AnswerAsync(ServiceProcess service, string model)
    {
        using HttpResponseMessage response = await service.Client.PostAsync(
            $"/predict?model={model}", Requests.Raw(Sample), TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static bool Answers(HttpClient client)
    {
        try
        {
            using HttpResponseMessage response =
                client.Send(new HttpRequestMessage(HttpMethod.Get, HealthApi.ReadyPath));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

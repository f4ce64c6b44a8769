using System.Net;
using System.Net.Sockets;
using System.Text;
using MnistLstm.Api.Health;
using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests;

/// <summary>SIGTERM, as orchestrators send it.</summary>
public sealed class ShutdownTests
{
    private const int Connections = 64;

    private static readonly byte[] Sample =
        GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);

    [Fact]
    public async Task Every_request_of_64_connections_is_answered_under_load_and_the_shutdown_is_graceful()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync("--shutdown-grace", "3s");
        int answered = 0;
        Task[] clients =
        [
            .. Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
            {
                // Request after request, until the service asks to close the connection.
                bool asked = false;
                while (!asked)
                {
                    using HttpResponseMessage response =
                        await service.Client.PostAsync("/predict", Requests.Raw(Sample));
                    response.StatusCode.ShouldBe(HttpStatusCode.OK);
                    asked = response.Headers.ConnectionClose == true;
                    Interlocked.Increment(ref answered);
                }
            }))
        ];
        await ServiceProcess.EventuallyAsync(() => Volatile.Read(ref answered) > 10 * Connections);

        service.Terminate();

        await Task.WhenAll(clients).WaitAsync(ServiceProcess.Patience);
        (await service.ExitAsync()).ShouldBe(ExitCodes.Success);
        service.Output.ShouldContain("Stopped; all in-flight requests completed");
    }

    [Fact]
    public async Task In_the_grace_period_the_service_is_not_ready_but_answers_new_clients()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync("--shutdown-grace", "1m");

        service.Terminate();

        await service.SaysAsync("Shutdown requested");
        using var newcomer = new HttpClient { BaseAddress = service.Address };
        using HttpResponseMessage ready = await newcomer.GetAsync(HealthApi.ReadyPath);
        using HttpResponseMessage live = await newcomer.GetAsync(HealthApi.LivePath);
        using HttpResponseMessage prediction = await newcomer.PostAsync("/predict", Requests.Raw(Sample));
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        live.StatusCode.ShouldBe(HttpStatusCode.OK);
        prediction.StatusCode.ShouldBe(HttpStatusCode.OK);

        // A second signal ends the period.
        service.Terminate();
        (await service.ExitAsync()).ShouldBe(ExitCodes.Success);
    }

    [Fact]
    public async Task Requests_in_progress_are_answered_before_the_service_ends()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync("--shutdown-grace", "0s");
        Socket[] clients = [.. Enumerable.Range(0, Connections).Select(_ => Connect(service))];
        foreach (Socket client in clients)
        {
            // The answer "100 Continue" shows that the service has the request.
            client.Send(Head("Expect: 100-continue\r\n"));
            (await ReceiveAsync(client)).ShouldStartWith("HTTP/1.1 100");
            client.Send(Sample.AsSpan(0, Sample.Length / 2));
        }

        service.Terminate();
        await service.SaysAsync("Accepting no more connections");
        foreach (Socket client in clients)
        {
            client.Send(Sample.AsSpan(Sample.Length / 2));
        }

        foreach (Socket client in clients)
        {
            (await ReceiveAsync(client)).ShouldStartWith("HTTP/1.1 200");
            client.Dispose();
        }

        (await service.ExitAsync()).ShouldBe(ExitCodes.Success);
    }

    [Fact]
    public async Task A_client_that_never_finishes_cannot_delay_the_shutdown()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            "--shutdown-grace", "0s", "--shutdown-timeout", "300ms", "--request-timeout", "1h",
            "--min-upload-rate", "0");
        using Socket client = Connect(service);
        client.Send(Head("Expect: 100-continue\r\n"));
        (await ReceiveAsync(client)).ShouldStartWith("HTTP/1.1 100");

        service.Terminate();

        // .NET's own limit is 30 s.
        (await service.ExitAsync().WaitAsync(TimeSpan.FromSeconds(15))).ShouldBe(ExitCodes.Success);
    }

    private static Socket Connect(ServiceProcess service)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(service.Address.Host, service.Address.Port);
        return socket;
    }

    private static byte[] Head(string headers) => Encoding.ASCII.GetBytes(
        $"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n{headers}Content-Length: "
        + $"{Sample.Length}\r\n\r\n");

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        byte[] answer = new byte[4096];
        using var patience = new CancellationTokenSource(ServiceProcess.Patience);
        int length = await socket.ReceiveAsync(answer, patience.Token);
        return Encoding.ASCII.GetString(answer, 0, length);
    }
}

using System.Globalization;
using System.Net;
using MnistLstm.Api.Health;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Tests;

/// <summary>
/// Addresses that the program cannot listen on, and the health check's way to those that it listens on.
/// </summary>
public sealed class ListenTests(InstalledProgram program) : IClassFixture<InstalledProgram>
{
    private const string Form = "Write it like http://localhost:8080, https://*:8443 or http://unix:/run/digits.sock.";

    [Theory]
    [InlineData("localhost:8080", Form)]
    [InlineData("8080", Form)]
    [InlineData("ftp://localhost:8080", Form)]
    [InlineData("http://localhost:8080,http://localhost:8081", $"A port is a number from 0 to 65535. {Form}")]
    [InlineData("http://localhost:abc", $"A port is a number from 0 to 65535. {Form}")]
    [InlineData("http://127.0.0.1:99999", $"A port is a number from 0 to 65535. {Form}")]
    [InlineData("http://localhost:8080/digits", "Leave out the path; a proxy may add one, see --trusted-proxies.")]
    public async Task The_service_and_its_health_check_reject_invalid_addresses_and_name_the_source(
        string url, string advice)
    {
        foreach (string[] mode in new[] { [], new[] { HealthCheck.Switch } })
        {
            (int exitCode, string output, string error) = await program.RunAsync([.. mode, "--urls", url]);

            exitCode.ShouldBe(ExitCodes.BadInput);
            error.ShouldBe($"The option --urls is '{url}', which is not an address to listen on. {advice}");
            output.ShouldBeEmpty();
            foreach (string variable in (string[])["ASPNETCORE_URLS", "DOTNET_URLS"])
            {
                (exitCode, _, error) = await program.RunAsync(mode, (variable, url));

                exitCode.ShouldBe(ExitCodes.BadInput);
                error.ShouldBe(
                    $"The environment variable {variable} is '{url}', which is not an address to listen on. {advice}");
            }
        }
    }

    [Theory]
    [InlineData("ASPNETCORE_HTTP_PORTS", "abc")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8080;-1")]
    [InlineData("ASPNETCORE_HTTPS_PORTS", "65536")]
    public async Task A_value_that_is_not_a_port_is_rejected(string variable, string ports)
    {
        foreach (string[] mode in new[] { [], new[] { HealthCheck.Switch } })
        {
            (int exitCode, _, string error) = await program.RunAsync(mode, (variable, ports));

            exitCode.ShouldBe(ExitCodes.BadInput);
            error.ShouldBe(
                $"The environment variable {variable} takes ports from 0 to 65535 with semicolons between, not "
                    + $"'{ports.Split(';')[^1]}'.");
        }
    }

    [Fact]
    public async Task An_endpoint_of_Kestrel_without_an_address_is_rejected()
    {
        (int exitCode, _, string error) = await program.RunAsync(
            [], ("Kestrel__Endpoints__Http__Adress", "http://127.0.0.1:0"));

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldStartWith("The setting Kestrel:Endpoints:Http:Url is not set. Write it like http://localhost:8080");
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}")]
    [InlineData("http://*:{0}")]
    [InlineData("http://localhost:{0}")]
    public async Task An_address_in_use_is_reported_in_one_sentence(string url)
    {
        await using RunningService first = await RunningService.StartAsync();

        (int exitCode, string output, string error) = await program.RunAsync(
            "--urls", string.Format(CultureInfo.InvariantCulture, url, first.Address.Port));

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldEndWith(
            $":{first.Address.Port}: the address is already in use. Stop the other program, or choose another address "
                + "with --urls.");
        error.ShouldNotContain("\n");
        output.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_address_of_another_machine_is_reported_in_one_sentence()
    {
        // An address from the network reserved for documentation.
        (int exitCode, string output, string error) = await program.RunAsync("--urls", "http://192.0.2.1:8080");

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldBe(
            "The service cannot listen on 192.0.2.1:8080: this machine does not have the address. Choose one of its "
                + "own with --urls, or * for all.");
        output.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_port_reserved_for_root_is_reported_in_one_sentence()
    {
        const string FirstFreePort = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
        Assert.SkipUnless(File.Exists(FirstFreePort), "Only Linux says which ports are reserved.");
        Assert.SkipWhen(
            int.Parse(await File.ReadAllTextAsync(FirstFreePort), CultureInfo.InvariantCulture) <= 81,
            "No port is reserved here.");
        string[] withoutRights = Environment.UserName == "root"
            ? ["setpriv", "--bounding-set", "-net_bind_service", "--inh-caps", "-net_bind_service"]
            : [];

        (int exitCode, string output, string error) = await program.RunInAsync(
            withoutRights, ["--urls", "http://127.0.0.1:81"]);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldBe(
            "The service cannot listen on 127.0.0.1:81: the user may not use it. Ports below 1024 are often reserved "
                + "for root; choose another with --urls.");
        output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null, "Unable to configure HTTPS endpoint")]
    [InlineData("missing.pem", "Could not find file")]
    [InlineData("Api.runtimeconfig.json", "")]
    public async Task HTTPS_without_a_usable_certificate_is_said_with_a_sentence(string? certificate, string reason)
    {
        (string Name, string Value)[] variables = [("HOME", program.Home)];
        if (certificate is not null)
        {
            variables = [.. variables, ("Kestrel__Certificates__Default__Path", Path.Combine(
                program.Folder, certificate))];
        }

        (int exitCode, string output, string error) = await program.RunAsync(
            ["--urls", "https://127.0.0.1:0"], variables);

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldStartWith($"The service cannot listen on https://127.0.0.1:0: {reason}");
        error.ShouldEndWith(
            "HTTPS needs a certificate: Kestrel__Certificates__Default__Path and "
                + "Kestrel__Certificates__Default__KeyPath name its files.");
        error.ShouldNotContain("\n");
        output.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_health_check_asks_the_running_service()
    {
        await using RunningService service = await RunningService.StartAsync();
        string port = service.Address.Port.ToString(CultureInfo.InvariantCulture);

        (int healthy, _, _) = await program.RunAsync(["--healthcheck"], ("ASPNETCORE_HTTP_PORTS", port));
        (int healthyByUrls, _, _) = await program.RunAsync("--healthcheck", "--urls", $"http://*:{port}");
        await service.DisposeAsync();
        (int unhealthy, _, string error) = await program.RunAsync(["--healthcheck"], ("ASPNETCORE_HTTP_PORTS", port));

        healthy.ShouldBe(ExitCodes.Success);
        healthyByUrls.ShouldBe(ExitCodes.Success);
        unhealthy.ShouldBe(ExitCodes.Unhealthy);
        error.ShouldStartWith($"http://*:{port} does not answer: ");
    }

    [Fact]
    public async Task The_health_check_reaches_a_Unix_socket()
    {
        string socket = $"http://unix:{Path.Combine(program.Home, "digits.sock")}";
        (int before, _, string error) = await program.RunAsync("--healthcheck", "--urls", socket);
        await using ServiceProcess service = await program.StartAsync(["--urls", socket, "--shutdown-grace", "0s"]);

        (int healthy, string output, _) = await program.RunAsync("--healthcheck", "--urls", socket);
        (int second, _, string secondError) = await program.RunAsync("--urls", socket);
        service.Terminate();
        await service.ExitAsync();
        (int missing, _, string missingError) = await program.RunAsync(
            "--urls", $"http://unix:{program.Home}/missing/digits.sock");

        before.ShouldBe(ExitCodes.Unhealthy);
        error.ShouldBe($"{socket} does not answer: there is no such socket");
        healthy.ShouldBe(ExitCodes.Success, output);
        output.ShouldContain("\"ready\"");
        second.ShouldBe(ExitCodes.BadInput);
        secondError.ShouldEndWith(
            "the file is there already. Stop the program that listens on it, or delete the file if none does.");
        missing.ShouldBe(ExitCodes.BadInput);
        missingError.ShouldEndWith("the folder does not exist. Create it, or choose another with --urls.");
    }

    [Fact]
    public async Task The_health_check_rejects_a_port_that_it_cannot_know()
    {
        (int exitCode, _, string error) = await program.RunAsync("--healthcheck", "--urls", "http://127.0.0.1:0");

        exitCode.ShouldBe(ExitCodes.BadInput);
        error.ShouldBe("--healthcheck cannot tell which port the service got from 'http://127.0.0.1:0'. Give it the "
            + "port with --urls.");
    }

    [Fact]
    public async Task Addresses_in_variables_of_other_programs_are_ignored()
    {
        await using ServiceProcess service = await program.StartAsync(
            [], ("URLS", "nonsense"), ("HTTP_PORTS", "nonsense"));

        using HttpResponseMessage response = await service.Client.GetAsync(
            "/health/ready", TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}

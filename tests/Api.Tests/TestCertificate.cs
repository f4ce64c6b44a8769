using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MnistLstm.Api.Tests;

/// <summary>A certificate for localhost that nobody trusts.</summary>
internal static class TestCertificate
{
    /// <summary>Writes the certificate and its key as PEM files.</summary>
    /// <returns>The thumbprint.</returns>
    public static async Task<string> WriteAsync(string certificateFile, string keyFile)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate =
            request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        return certificate.Thumbprint;
    }
}

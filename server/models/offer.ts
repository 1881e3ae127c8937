import type { DownloadOffer } from '../protocol';
import { curatedModel } from './curated';
import type { DownloadPlan } from './downloadModel';
import { sizeText } from './sizes';

/** What people are told before they decide about a download. */
export function offerOf(plan: DownloadPlan): DownloadOffer {
  const { info, bytes, bytesHere, bytesFree, folder, isHere, files } = plan;
  const { repository, commit, licence, licenceLink, isGated, page } = info;
  const curated = curatedModel(repository);
  const isUnknown = files.some(({ size }) => size === undefined);
  const rest = bytesHere > 0 ? `, of which ${sizeText(bytesHere)} are already here` : '';
  const terms = curated !== undefined && curated.licence === licence ? ` (${curated.terms})` : '';
  const unchecked = files.filter(({ sha256, blobSha1 }) => (sha256 ?? blobSha1) === undefined);
  const details = [
    `Size: ${isUnknown ? 'at least ' : ''}${sizeText(bytes)}${rest}; ${sizeText(bytesFree)} are free on the disk.`,
    licence === undefined
      ? `Licence: the model's page names none; see ${page}.`
      : `Licence: ${licence}${terms}; see ${licenceLink ?? page}.`,
    ...(isGated
      ? [`Its authors ask you to accept their terms at ${page} first, and HF_TOKEN must be set.`]
      : []),
    curated === undefined
      ? 'It is not on the list of models known to work; whether it can fill in the middle shows when it is loaded.'
      : `Memory: ${sizeText(curated.memory.int8 * 1e6)} at int8, ${sizeText(curated.memory.int4 * 1e6)} at int4.`,
    ...(unchecked.length === 0
      ? []
      : [`The hub gives no checksum for ${unchecked.map(({ name }) => name).join(', ')}.`]),
    `From ${page}, version ${commit.slice(0, 12)}, to ${folder}.`,
  ];
  return { repository, commit, folder, bytes, isHere, licence: licence ?? null, details };
}
